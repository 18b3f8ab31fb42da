// A client of Hotwire in TypeScript, with its library. Bundled (esbuild --bundle --platform=node) it is one program.
//
//   client run PIPELINE       print its objects as they come: JSON, one a line
//   client feed PIPELINE      the same, fed with the lines of standard input
//   client detach PIPELINE    start one that goes on without us; prints its number
//   client attach ID [FROM]   follow such a one, from a signal number on
import { createInterface } from 'node:readline';
import { connect, HotwireError, type RemotePipeline } from 'hotwire';

const print = (value: unknown) => process.stdout.write(`${value}\n`);
const tell = (problem: unknown) => process.stderr.write(`${problem}\n`);

const EXIT = { failed: 1, usage: 2, cancelled: 130 };

async function main([verb = '', argument = '', from = '0']: string[]): Promise<number> {
  await using domain = await connect(); // the slave on the session bus, else one of our own
  switch (verb) {
    case 'run':
      return await follow(await domain.run(argument), cancel);
    case 'feed': {
      const pipeline = await domain.run(argument, { input: true });
      const [status] = await Promise.all([follow(pipeline, cancel), feed(pipeline)]);
      return status;
    }
    case 'detach':
      print(await domain.runDetached(argument));
      return 0;
    case 'attach':
      return await follow(await domain.attach(Number(argument), Number(from)), leave);
    default:
      tell('usage: client run PIPELINE | feed PIPELINE | detach PIPELINE | attach ID [FROM]');
      return EXIT.usage;
  }
}

/** Prints what it yields, at its own pace: while nothing is read, the pipeline pauses. */
async function follow(pipeline: RemotePipeline, interrupted: (pipeline: RemotePipeline) => void): Promise<number> {
  process.once('SIGINT', () => interrupted(pipeline));
  pipeline.on('metadata', ({ key, value }) => {
    if (key === 'hotwire.stderr') process.stderr.write(String(value));
  });
  for await (const object of pipeline) print(JSON.stringify(object)); // throws when it failed
  return pipeline.state === 'cancelled' ? EXIT.cancelled : 0;
}

function cancel(pipeline: RemotePipeline): void {
  pipeline.cancel().catch(fail); // the output ends, once its last process is gone
}

function leave({ id, signals }: RemotePipeline): void {
  tell(`pipeline ${id} goes on; from here: attach ${id} ${signals}`);
  process.exit(EXIT.cancelled);
}

/** `put` resolves when the pipeline can take more: that is the back-pressure. */
async function feed(pipeline: RemotePipeline): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  pipeline.finished.then(() => lines.close());
  try {
    for await (const line of lines) await pipeline.put([line]);
    await pipeline.closeInput();
  } catch (error) {
    // A pipeline may end before it has read all, as `head 1` does. How it ended, its state tells.
    if (!(error instanceof HotwireError && error.kind === 'InvalidState')) throw error;
  }
}

function fail(error: unknown): void {
  tell(error instanceof HotwireError ? error.message : error);
  process.exitCode = EXIT.failed;
}

main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
}, fail);
