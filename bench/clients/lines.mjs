// Lines of JSON that a command prints: parse|count OBJECTS COMMAND…. Parses each, or only counts the bytes. Prints objects
// a second; the clock runs from the first bytes to the last.
import { spawn } from 'node:child_process';

const [mode, objects, ...command] = process.argv.slice(2);
const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
if (mode === 'parse') child.stdout.setEncoding('utf8');
let start;
let rest = '';
let parsed = 0;
for await (const chunk of child.stdout) {
  start ??= performance.now();
  if (mode === 'count') continue;
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    JSON.parse(line);
    parsed++;
  }
}
const seconds = (performance.now() - start) / 1000;
if (mode === 'parse' && parsed !== Number(objects)) throw new Error(`${parsed} objects of ${objects} came`);
console.log(Number(objects) / seconds);
