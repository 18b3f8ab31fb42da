import { HotwireError } from '../../src/errors';
import { type IncomingMessage, MessageType } from '../../src/wire';
import { CallTable } from '../../src/wire/calls';

const CALL = { type: 1, path: '/', member: 'Do', destination: 'a.b' } as const;
const REPLY = { type: MessageType.METHOD_RETURN, replySerial: 1, serial: 9 } as IncomingMessage;
const BAD = {
  ...REPLY,
  type: MessageType.ERROR,
  errorName: 'a.b.Bad',
  signature: 's',
  body: ['bad'],
} as IncomingMessage;

test('a call ends by its reply, once', async () => {
  const table = new CallTable();
  const call = table.wait(1, CALL, {});
  expect(table.settle(REPLY)).toBe(true);
  expect(table.settle(REPLY)).toBeUndefined();
  expect(await call).toBe(REPLY);
});

test('by an error', async () => {
  const table = new CallTable();
  const call = table.wait(1, CALL, {});
  table.settle(BAD);
  await expect(call).rejects.toMatchObject({ busName: 'a.b.Bad', message: 'bad' });
});

test('whatever answers a call is told as it came, where that is asked for', () => {
  const table = new CallTable();
  const told: unknown[] = [];
  for (const serial of [1, 2, 3]) table.expect(serial, (reply) => told.push(reply));
  expect([table.settle(REPLY), table.settle({ ...BAD, replySerial: 2 })]).toEqual([false, false]);
  const error = new HotwireError('Disconnected', 'gone');
  table.failAll(error);
  expect(told).toEqual([REPLY, { ...BAD, replySerial: 2 }, error]);
});

test('by its time limit, after which a reply is late', async () => {
  const table = new CallTable();
  const error = { kind: 'TimedOut', message: 'a.b did not answer Do within 0.005 s' };
  await expect(table.wait(1, CALL, { timeoutMs: 5 })).rejects.toMatchObject(error);
  expect(table.settle(REPLY)).toBeUndefined();
});

test.each([Number.POSITIVE_INFINITY, 1e12])('not by a time limit of %d ms', async (timeoutMs) => {
  const table = new CallTable();
  const call = table.wait(1, CALL, { timeoutMs });
  await new Promise((resolve) => setTimeout(resolve, 5)); // a timer that overflows fires after 1 ms
  table.settle(REPLY);
  expect(await call).toBe(REPLY);
});

test('by its signal', async () => {
  const table = new CallTable();
  const controller = new AbortController();
  const call = table.wait(1, CALL, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ kind: 'Cancelled' });
  const own = new HotwireError('TimedOut', 'too slow');
  const other = new AbortController();
  const second = table.wait(2, CALL, { signal: other.signal });
  other.abort(own);
  await expect(second).rejects.toBe(own);
});

test('by the end of the connection, all of them', async () => {
  const table = new CallTable();
  const calls = [1, 2, 3].map((serial) => table.wait(serial, CALL, {}));
  const error = new HotwireError('Disconnected', 'gone');
  table.failAll(error);
  expect(await Promise.allSettled(calls)).toEqual(calls.map(() => ({ status: 'rejected', reason: error })));
});

test('serials start anew at 1, and pass over those in use', () => {
  const table = new CallTable(2 ** 32 - 3);
  void table.wait(1, CALL, { timeoutMs: Number.POSITIVE_INFINITY });
  expect([table.nextSerial(), table.nextSerial(), table.nextSerial()]).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 2]);
});
