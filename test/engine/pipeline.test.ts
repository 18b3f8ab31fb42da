import { METADATA } from '../../src/contract';
import { Context, type Pipeline, plan, prepare, Registry } from '../../src/engine';
import { HotwireError } from '../../src/errors';
import { builtin, counter, gateway, Recorder, start, sys } from './support';

describe('a pipeline', () => {
  test('runs to its end and reports in order', async () => {
    const { ended, recorder, pipeline } = start('counter | first 2', [counter()]);
    expect(pipeline.state).toBe('executing');
    expect(await ended).toBe('complete');
    expect(recorder.events.map(([kind]) => kind)).toEqual(['state', 'objects', 'objects', 'state']);
    expect(recorder.states).toEqual(['executing', 'complete']);
    expect(recorder.values).toHaveLength(20);
    expect(pipeline.completed).toBeGreaterThanOrEqual(pipeline.started ?? Number.NaN);
  });

  test('a stage that stops reading stops the one before it', async () => {
    let stopped = false;
    const { ended } = start('counter | first 1', [
      counter(() => {
        stopped = true;
      }),
    ]);
    expect(await ended).toBe('complete');
    expect(stopped).toBe(true);
  });

  test('waits for a sink that is not ready', async () => {
    const { ended, recorder, pipeline } = start('counter | first 3', [counter()]);
    const { open, gate } = gateway();
    recorder.gate = gate;
    await recorder.event(([kind]) => kind === 'objects');
    await new Promise(setImmediate);
    expect(recorder.values).toHaveLength(10);
    expect(pipeline.state).toBe('executing');
    open();
    expect(await ended).toBe('complete');
    expect(recorder.values).toHaveLength(30);
  });

  test('cancel ends it, also while a stage is stuck', async () => {
    const stuck = builtin('stuck', async function* ({ metadata }) {
      await metadata('hotwire.test', 'waiting');
      await new Promise(() => undefined);
      yield* [];
    });
    const { ended, recorder, pipeline } = start('stuck', [stuck]);
    await recorder.event(([kind]) => kind === 'metadata');
    await pipeline.cancel();
    expect(await ended).toBe('cancelled');
    expect(recorder.states).toEqual(['executing', 'cancelled']);
    await pipeline.cancel(); // once more does nothing
    expect(pipeline.state).toBe('cancelled');
  });

  test('cancel ends it while the sink is not ready', async () => {
    const { ended, recorder, pipeline } = start('counter', [counter()]);
    recorder.gate = new Promise(() => undefined);
    await recorder.event(([kind]) => kind === 'objects');
    await pipeline.cancel();
    expect(await ended).toBe('cancelled');
  });

  test('cancelled before it starts, it never runs', async () => {
    const pipeline = prepare('counter', new Context(), new Registry([counter()]));
    const recorder = new Recorder();
    await pipeline.cancel();
    expect(await pipeline.run(recorder)).toBe('cancelled');
    expect(recorder.values).toEqual([]);
  });

  test('a failure names the command, and what came before it is delivered', async () => {
    const failing = builtin('failing', async function* ({ input }) {
      for await (const batch of input) {
        yield batch;
        throw new HotwireError('Failed', 'the disk is on fire');
      }
    });
    const { ended, recorder, pipeline } = start('counter | failing | first 9', [counter(), failing]);
    expect(await ended).toBe('exception');
    expect(recorder.values).toHaveLength(10);
    const [, error, traceback] = recorder.events.at(-2) ?? [];
    expect(error).toBe(pipeline.error);
    expect(error).toMatchObject({ kind: 'Failed', message: 'the disk is on fire' });
    expect(traceback).toMatch(/^the disk is on fire\nin command 1: failing\n.*\n +at /s);
    expect(recorder.states).toEqual(['executing', 'exception']);
  });

  test('any thrown value is a failure', async () => {
    const odd = builtin('odd', async function* () {
      yield* [];
      throw 'a string';
    });
    const { ended, pipeline } = start('odd', [odd]);
    expect(await ended).toBe('exception');
    expect(pipeline.error).toMatchObject({ kind: 'Failed', message: 'a string' });
  });

  test('a time limit fails it', async () => {
    const { ended, pipeline, recorder } = start('sys sleep 100', [], { timeout: 0.05 });
    expect(await ended).toBe('exception');
    expect(pipeline.error).toMatchObject({ kind: 'TimedOut' });
    expect(recorder.states).toEqual(['executing', 'exception']);
  });

  test('status is thinned out, and the newest is never lost', async () => {
    const busy = builtin('busy', async function* (stage) {
      for (let percent = 0; percent <= 100; percent += 1) stage.status('working', percent);
      yield { className: 'null', objects: [null] };
    });
    const { ended, recorder } = start('busy', [busy]);
    await ended;
    expect(recorder.metadataOf(METADATA.status)).toEqual([
      ['working', 0],
      ['working', 100],
    ]);
  });

  describe('input', () => {
    test('is fed, in order, until it is closed', async () => {
      const { ended, pipeline, recorder } = start('first 99', [], { input: true });
      await pipeline.input?.put([1, 2], 2);
      await pipeline.input?.put(['a', null], 7);
      pipeline.input?.close();
      expect(await ended).toBe('complete');
      expect(recorder.events.filter(([kind]) => kind === 'objects')).toEqual([
        ['objects', 'number', [1, 2]],
        ['objects', 'string', ['a']],
        ['objects', 'null', [null]],
      ]);
    });

    test('makes the feeder wait while the pipeline is behind', async () => {
      const { ended, pipeline, recorder } = start('first 99', [], { input: true });
      const { open, gate } = gateway();
      recorder.gate = gate;
      await pipeline.input?.put(['first'], 10);
      await recorder.event(([kind]) => kind === 'objects');
      let taken = false;
      const put = pipeline.input?.put(['large'], 10_000_000).then(() => {
        taken = true;
      });
      await new Promise(setImmediate);
      expect(taken).toBe(false);
      open();
      await put;
      pipeline.input?.close();
      expect(await ended).toBe('complete');
      expect(recorder.values).toEqual(['first', 'large']);
    });

    test('is refused once the pipeline has ended', async () => {
      const { ended, pipeline } = start('first 1', [], { input: true });
      await pipeline.input?.put([1], 1);
      await ended;
      await expect(pipeline.input?.put([2], 1)).rejects.toMatchObject({ kind: 'InvalidState' });
    });

    test('is refused by a pipeline that takes none, and missed by one that needs it', () => {
      const registry = new Registry([sys, builtin('none', async function* () {}, { input: null })]);
      expect(() => prepare('none', new Context(), registry, { input: true })).toThrow(/none: it takes no input/);
      const needy = new Registry([builtin('needy', async function* () {}, { input: { type: 'any' } })]);
      expect(() => prepare('needy', new Context(), needy)).toThrow(/needy needs input/);
    });
  });

  describe('undo', () => {
    const steps = (log: string[], failing?: string) =>
      builtin(
        'steps',
        async function* (stage) {
          yield* [];
          for (const name of stage.args) {
            stage.undo(async () => {
              if (name === failing && !log.includes('failed')) {
                log.push('failed');
                throw new HotwireError('Failed', `${name} can't be taken back`);
              }
              log.push(name);
            });
          }
        },
        { undoable: true },
      );

    test('runs last in, first out', async () => {
      const log: string[] = [];
      const { ended, pipeline } = start('steps a b c', [steps(log)]);
      await ended;
      await pipeline.undo();
      expect(log).toEqual(['c', 'b', 'a']);
      expect(pipeline.state).toBe('undone');
      await expect(pipeline.undo()).rejects.toMatchObject({ kind: 'InvalidState' });
    });

    test('a step that fails keeps no other from being done, and can be tried again', async () => {
      const log: string[] = [];
      const { ended, pipeline } = start('steps a b c', [steps(log, 'b')]);
      await ended;
      await expect(pipeline.undo()).rejects.toThrow("b can't be taken back");
      expect(pipeline.state).toBe('complete');
      expect(log).toEqual(['c', 'failed', 'a']);
      await pipeline.undo();
      expect(log).toEqual(['c', 'failed', 'a', 'b']);
      expect(pipeline.state).toBe('undone');
    });

    // It used to be refused, though what the pipeline had done was known.
    test.each([
      ['cancelled', (pipeline: Pipeline) => pipeline.cancel()],
      ['exception', async (pipeline: Pipeline) => pipeline.fail(new HotwireError('Failed', 'ended'))],
    ])('of one that is %s takes back what it did, its last work included', async (state, end) => {
      const log: string[] = [];
      let work: (() => void) | undefined;
      const slow = builtin(
        'slow',
        async function* (stage) {
          yield* [];
          stage.undo(async () => void log.push('first'));
          const working = new Promise<void>((resolve) => {
            work = resolve;
          }).then(() => stage.undo(async () => void log.push('second')));
          stage.started({ stop: () => working });
          await stage.metadata('hotwire.test', 'working');
          await new Promise(() => undefined);
        },
        { undoable: true },
      );
      const { pipeline, recorder, ended } = start('slow', [slow]);
      await recorder.event((event) => event[0] === 'metadata');
      const ending = end(pipeline);
      await expect(pipeline.undo()).rejects.toThrow("can't undo a pipeline that is executing");
      work?.();
      await ending;
      expect(await ended).toBe(state);
      await pipeline.undo();
      expect([log, pipeline.state]).toEqual([['second', 'first'], 'undone']);
    });

    test.each([
      ['steps a', true],
      ['steps --keep a', "steps --keep a: can't be undone"],
      ['counter | steps --keep a', "counter: can't be undone"],
      ['steps a > out', 'steps a > out: what it wrote with > can'],
      ['idle', 'idle: there is nothing to undo'],
    ])('of %s: known from its options before it runs, and the command is named', async (text, refusal) => {
      const log: string[] = [];
      const optional = {
        ...steps(log),
        options: [{ name: 'keep', summary: '' }],
        undoable: (options: ReadonlyMap<string, string | true>) => !options.has('keep'),
      };
      const idle = builtin('idle', async function* () {}, { idempotent: true });
      const registry = new Registry([sys, counter(), optional, idle]);
      const planned = plan(text, new Context(), registry);
      expect(planned.undoable).toBe(refusal === true);
      if (refusal === true) return;
      const pipeline = prepare(text, new Context(), registry);
      await expect(pipeline.undo()).rejects.toMatchObject({
        kind: 'InvalidState',
        message: expect.stringContaining(String(refusal)),
      });
    });

    test('is refused while it runs and where nothing can be undone', async () => {
      const { ended, pipeline } = start('counter | first 1', [counter()]);
      await ended;
      await expect(pipeline.undo()).rejects.toMatchObject({ kind: 'InvalidState' });
      const running = start('steps a', [steps([])]);
      await expect(running.pipeline.undo()).rejects.toMatchObject({ kind: 'InvalidState' });
      await running.ended;
    });
  });

  test('neighbouring builtins and programs pass lines', async () => {
    const { ended, recorder } = start('sys printf "b\\na\\n" | sys sort | first 9');
    expect(await ended).toBe('complete');
    expect(recorder.values).toEqual(['a', 'b']);
  });
});
