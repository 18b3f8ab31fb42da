// An ordinary client of the slave: ADDRESS PIPELINE OBJECTS RUNS. It knows nothing of pacing and parses every object.
import { once } from 'node:events';
import dbus from 'dbus-next';
import { Meter } from '../meter.mjs';

const [address, text, objects, runs] = process.argv.slice(2);
const { Message, MessageType } = dbus;
const SLAVE = {
  destination: 'org.hotwireshell.Slave1',
  path: '/org/hotwireshell/Slave1',
  interface: 'org.hotwireshell.Slave1',
};

const bus = dbus.sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
await once(bus, 'connect');
const meter = new Meter(Number(objects), Number(runs));
bus.on('message', (message) => {
  if (message.type !== MessageType.SIGNAL) return;
  const { member, body } = message;
  if (member === 'PipelineObjects') meter.count(body[2].map((json) => JSON.parse(json)).length);
  if (member === 'PipelineException') console.error(body[1]);
  if (member === 'PipelineStateChanged' && body[1] !== 'executing' && meter.next()) run();
});
run();

function run() {
  // An error ends the process by itself, as nobody waits for the reply.
  void bus.call(new Message({ ...SLAVE, member: 'RunPipeline', signature: 's', body: [text] }));
}
