// The client library: BUS PIPELINE OBJECTS RUNS [DOMAIN]. BUS is `-` for none: each domain is reached from here then.
import { connect } from '../../dist/client.js';
import { Meter } from '../meter.mjs';

const [bus, text, objects, runs, address = ''] = process.argv.slice(2);
const domain = await connect(address, bus === '-' ? { embedded: true } : { bus });
const meter = new Meter(Number(objects), Number(runs));
do {
  const pipeline = await domain.run(text);
  for await (const batch of pipeline.batches()) meter.count(batch.objects.length);
} while (meter.next());
