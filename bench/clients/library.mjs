// The client library: ADDRESS PIPELINE OBJECTS RUNS.
import { connect } from '../../dist/client.js';
import { Meter } from '../meter.mjs';

const [bus, text, objects, runs] = process.argv.slice(2);
const domain = await connect('', { bus });
const meter = new Meter(Number(objects), Number(runs));
do {
  const pipeline = await domain.run(text);
  for await (const batch of pipeline.batches()) meter.count(batch.objects.length);
} while (meter.next());
