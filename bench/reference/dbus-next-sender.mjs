// A bare sender: what dbus-next can do when JSON costs nothing. ADDRESS NAME FILE-OF-JSON-TEXTS. It owns NAME and answers
// Run(u objects) with that many texts, 500 a signal `isas`, to the caller alone, then Done; it waits for drain.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import dbus from 'dbus-next';

const BATCH = 500;
const INTERFACE = 'org.hotwireshell.Bench';
const [address, name, file] = process.argv.slice(2);
const { Message, MessageType } = dbus;

const texts = readFileSync(file, 'utf8').trimEnd().split('\n');
const batches = [];
for (let start = 0; start + BATCH <= texts.length; start += BATCH) batches.push(texts.slice(start, start + BATCH));

const bus = dbus.sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
const { stream } = bus._connection; // no public way to wait for drain
await once(bus, 'connect');
bus.addMethodHandler((message) => {
  if (message.interface !== INTERFACE || message.member !== 'Run') return false;
  bus.send(Message.newMethodReturn(message));
  void run(message.sender, message.body[0]);
  return true;
});
await bus.requestName(name);
console.log('ready');

async function run(destination, objects) {
  const signal = (member, signature, body) =>
    // A message is good for one sending, as dbus-next changes its body.
    new Message({ type: MessageType.SIGNAL, destination, path: '/', interface: INTERFACE, member, signature, body });
  for (let sent = 0; sent < objects; sent += BATCH) {
    const batch = batches[(sent / BATCH) % batches.length];
    bus.send(signal('Objects', 'isas', [1, 'string', batch]));
    if (stream.writableNeedDrain) await once(stream, 'drain');
  }
  bus.send(signal('Done', '', []));
}
