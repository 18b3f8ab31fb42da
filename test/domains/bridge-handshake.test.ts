import { routeOfArgument } from '../../src/domains/bridge-far';
import {
  bridgeDialogue,
  endingDialogue,
  farDialogue,
  Refusal,
  refusingDialogue,
} from '../../src/domains/bridge-handshake';
import { HotwireError } from '../../src/errors';
import { newId, shakeHands, streamPair } from '../../src/wire';

const LIMIT_MS = 1000;
const nothing = () => undefined;

/** Both sides at once; how each came out. */
async function between(near: ReturnType<typeof farDialogue>, far: ReturnType<typeof farDialogue>) {
  const [left, right] = streamPair();
  return Promise.allSettled([
    shakeHands(left, near, LIMIT_MS, (rest) => rest.toString()),
    shakeHands(right, far, LIMIT_MS, (rest) => rest.toString()),
  ]);
}

test.each([
  ['a kind of ours', new HotwireError('Domain.PromptNeeded', 'sudo wants a password')],
  ['a standard one', new HotwireError('Disconnected', "can't connect to unix:path=/x")],
  ['several lines, signs of all kinds', new HotwireError('Failed', 'a\r\nb\t"c" \\ é 😀 \u0000\u001b[31m')],
])('a refusal arrives as it was: %s', async (_, error) => {
  const [near] = await between(farDialogue(), refusingDialogue(error));
  expect(near).toMatchObject({ status: 'rejected', reason: { kind: error.kind, message: error.message } });
  expect((near as PromiseRejectedResult).reason).toBeInstanceOf(Refusal);
});

test('a very long one is cut to what a line may hold', async () => {
  const message = 'é'.repeat(100_000);
  const [near] = await between(farDialogue(), refusingDialogue(new HotwireError('Failed', message)));
  const { reason } = near as PromiseRejectedResult;
  expect(message.startsWith(reason.message)).toBe(true);
  expect(reason.message.length).toBeGreaterThan(1000);
});

test.each([
  ['OK 00', undefined, true],
  ['ERROR HOTWIRE {', 'AuthFailed', undefined],
  ['ERROR HOTWIRE {nonsense}', 'AuthFailed', undefined],
  ['ERROR HOTWIRE {}', 'Failed', undefined],
  ['ERROR HOTWIRE {"busName":[],"message":{}}', 'Failed', undefined],
  ['ERROR HOTWIRE {"busName":"__proto__","message":"x"}', 'Failed', undefined],
  ['REJECTED EXTERNAL', 'AuthFailed', undefined],
  ['welcome!', 'AuthFailed', undefined],
])('of the far side: %s', (line, kind, done) => {
  const step = farDialogue().line(line);
  expect([step.error?.kind, step.done]).toEqual([kind, done]);
});

test('a bridge is asked to end; what is no bridge is not', async () => {
  let asked = 0;
  const bridge = bridgeDialogue(newId(), () => {
    asked += 1;
  });
  const both = await between(endingDialogue(), bridge);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  expect(asked).toBe(1);
  const [near] = await between(endingDialogue(), refusingDialogue(new HotwireError('Failed', 'no')));
  expect(near).toMatchObject({ reason: { kind: 'InvalidArgs' } });
});

test('a client is met as by any server', async () => {
  const both = await between(farDialogue(), bridgeDialogue(newId(), nothing));
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});

test.each([
  ['ssh:web1', 'ssh:web1'],
  ['ssh:web1/sudo:bob', 'ssh:web1/sudo:bob'],
  ['exec:docker=20exec=20-i=20c', 'exec:docker exec -i c'],
  ['ssh:=5b=3a=3a1=5d', 'ssh:[::1]'],
  ['exec:a=252Fb', 'exec:a%2Fb'],
  ['exec:a=3db', 'exec:a=b'],
  ['exec:=c3=a9', 'exec:é'],
  ['local:', ''],
])('the argument %s is %s', (argument, address) => {
  expect(
    routeOfArgument(argument)
      .map(({ text }) => text)
      .join('/'),
  ).toBe(address);
});
