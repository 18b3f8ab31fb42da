// Runs a program that scripts/build.mjs has made, with the code that V8 compiled of it in an earlier run: that halves what
// a start costs beside node's own. V8 itself looks only at its version and the length of the text, so the file of the code
// begins with what it belongs to: the program's first line, a hash, and the very node. For others, all is compiled anew.
const { readFileSync, statSync } = require('node:fs');
const { Module, createRequire } = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');

/** @returns the script, which has run. A program is plain ASCII. */
exports.launch = (file) => {
  const text = readFileSync(file, 'latin1');
  // Not where it is: code that was compiled elsewhere would show that other place in stack traces.
  const filename = path.basename(file);
  const script = new Script(Module.wrap(text), { filename, cachedData: codeOf(file, exports.owner(text)) });
  script.runInThisContext()({}, createRequire(file), {}, file, path.dirname(file));
  return script;
};

/** What the code of a program belongs to, as a line that its file begins with. */
exports.owner = (text) => {
  const { size, mtimeMs } = statSync(process.execPath);
  return `${text.slice(0, text.indexOf('\n'))} ${process.version} ${process.arch} ${size} ${mtimeMs}\n`;
};

function codeOf(file, owner) {
  try {
    const found = readFileSync(`${file}.code`);
    return found.latin1Slice(0, owner.length) === owner ? found.subarray(owner.length) : undefined;
  } catch {
    return undefined; // it was not made, or may not be read: that costs only time
  }
}
