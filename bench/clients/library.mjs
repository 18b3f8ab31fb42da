// The client library: ADDRESS PIPELINE OBJECTS.
import { connect } from '../../dist/client.js';
import { Meter } from '../meter.mjs';

const [bus, text, objects] = process.argv.slice(2);
const domain = await connect('', { bus });
const pipeline = await domain.run(text);
const meter = new Meter(Number(objects));
for await (const batch of pipeline.batches()) meter.count(batch.objects.length);
meter.end();
