import type { Builtin, Stage } from '../engine';
import { EntryChecker } from './lib/check-entries';
import { Failures } from './lib/failures';
import { finisher } from './lib/finish';
import { beginsEntry, type Entry, PIECE, RECEIPT, type Receipt, readEntry } from './lib/piece';
import { Receiver } from './lib/receiver';
import { type TargetKind, TargetPlace } from './lib/target-place';

export const unpack: Builtin = {
  name: 'unpack',
  summary: 'Writes what pack has read, maybe elsewhere',
  help:
    'The target is a directory to put all into, if there is one or its name ends with a slash, which makes one; else the ' +
    'name of the one copy. A file takes its place only when all of it has arrived and its SHA-256 is right; it replaces a ' +
    'file or a link, never a directory. Directories are merged. Nothing is written outside of the target, whatever the ' +
    'pieces say, and no directory into itself. What has arrived of a file when it is broken off stays beside its place, ' +
    'in .hotwire-partial-UID, and goes on from there another time, or is removed then. --check tells what of a list is needed.',
  options: [
    { name: 'check', summary: 'Write nothing: say which entries are needed, and what is there of them' },
    { name: 'into', summary: 'The target is a directory, and is made if it is not there' },
    { name: 'exact', summary: 'The target is the name of the copy, also where a directory of that name is there' },
  ],
  arguments: [{ name: 'target', kind: 'path' }],
  input: { type: PIECE },
  output: RECEIPT,
  examples: [
    {
      text: 'pack a.txt | unpack b.txt | prop state',
      shows: 'a copy of a file',
      files: { 'a.txt': 'a\n' },
      result: ['placed'],
    },
    {
      text: 'pack --list src | unpack --check backup/ | select path state',
      shows: 'what a second copy would need',
      after: ['pack src | unpack backup/', 'write src/b.txt', 'rm src/c.txt'].slice(0, 1),
      files: { 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' },
      result: [
        { path: 'src', state: 'wanted' },
        { path: 'src/a.txt', state: 'same' },
        { path: 'src/b.txt', state: 'same' },
      ],
    },
  ],
  async *run(stage) {
    const { args, cwd, options } = stage;
    const find: Find = (first) => TargetPlace.find(cwd, args[0] ?? '', targetKind(options), first);
    yield* options.has('check') ? check(stage, find) : receive(stage, find);
  },
};

/** What the target is may depend on what comes first. */
type Find = (first?: Entry) => Promise<TargetPlace>;

function targetKind(options: ReadonlyMap<string, string | true>): TargetKind {
  if (options.has('into')) return 'into';
  return options.has('exact') ? 'exact' : 'auto';
}

async function* check({ input, signal }: Stage, find: Find) {
  let checker: EntryChecker | undefined;
  try {
    for await (const { objects } of input) {
      const receipts: Receipt[] = [];
      for (const object of objects) {
        const entry = readEntry(object);
        checker ??= await EntryChecker.open(await find(entry), signal);
        receipts.push(await checker.check(entry));
      }
      yield { className: RECEIPT, objects: receipts };
    }
    checker ??= await EntryChecker.open(await find(), signal);
  } finally {
    await checker?.close();
  }
}

async function* receive(stage: Stage, find: Find) {
  let receiver: Receiver | undefined;
  const opened = async (piece?: unknown) => {
    const first = beginsEntry(piece) ? readEntry(piece) : undefined;
    if (receiver !== undefined) return receiver;
    const place = await find(first);
    if (first !== undefined) await place.admit(first); // before anything is made
    receiver = await Receiver.open(place, stage.signal);
    return receiver;
  };
  const finish = finisher(stage, async () => receiver?.close());
  const failures = new Failures('unpack');
  const batch = (receipts: readonly Receipt[]) => {
    for (const { path, error } of receipts) if (error !== null) failures.add(`${path}: ${error}`);
    return { className: RECEIPT, objects: receipts };
  };
  try {
    for await (const { objects } of stage.input) {
      const receipts = await finish(async () => (await opened(objects[0])).receive(objects));
      if (receipts.length > 0) yield batch(receipts);
    }
    const receipts = await finish(async () => (await opened()).finish());
    if (receipts.length > 0) yield batch(receipts);
  } finally {
    await receiver?.close();
  }
  failures.throwAny();
}
