// docs/examples.md: the programs of docs/examples, as they are.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { block, bullets, joined, madeFrom } from './markdown';

const PROGRAMS = [
  ['Python with dbus-python', 'client_dbus.py', 'python'],
  ['Python with GLib', 'client_gio.py', 'python'],
  ['C with sd-bus', 'client_sdbus.c', 'c'],
  ['Shell with busctl', 'client_busctl.sh', 'sh'],
  ['Shell with gdbus', 'client_gdbus.sh', 'sh'],
  ['TypeScript with the library', 'client.ts', 'ts'],
] as const;

const INTRODUCTION = `One small program in several languages: it runs a pipeline on the session bus, prints its objects as they come and why
it failed, cancels it on Ctrl-C, feeds it, starts one that goes on without it, and follows such a one. Each is run by the
tests. What the methods and signals mean: [dbus.md](dbus.md).

The exit status is 0 when the pipeline completed, 130 when it was cancelled, and another when it failed or does not parse.`;

const POINTS = [
  'Listen to the signals before starting a pipeline. They come after the reply with its number, so none is missed.',
  'A program must go on reading messages while it waits for a reply to `PutObjects`. So it calls that without waiting.',
  'Count the signals of a detached pipeline, of every kind: the count is where to attach again.',
  'A refused `PutObjects` with `InvalidState` is no failure: the pipeline had enough.',
];

/** @param root the folder of the repository */
export function examplesPage(root: string): string {
  const sections = PROGRAMS.map(([title, file, language]) => {
    const text = readFileSync(path.join(root, 'docs', 'examples', file), 'utf8');
    return joined(`## ${title}`, `[examples/${file}](examples/${file})`, block(text, language));
  });
  return `${joined('# Examples', madeFrom('docs/examples'), INTRODUCTION, bullets(POINTS), ...sections)}\n`;
}
