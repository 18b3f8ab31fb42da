// A page of `help`: hotwire.builtins.help.HelpItem.
import { type JsonRecord, textColumn } from './columns';
import { type Page, recordsIn, textIn, textsIn } from './page';

const TERM = textColumn('term', { title: '', whole: true });
const TEXT = textColumn('text', { title: '', wraps: true });

const USAGE = 'Usage: ';

/** Objects of a class in words: several of them, and one. Any other class is shown by its name. */
const IN_WORDS: Readonly<Record<string, readonly [several: string, one: string]>> = {
  any: ['objects of any class', 'one object of any class'],
  identity: ['objects of the class that it takes', 'one object of the class that it takes'],
  string: ['text', 'one text'],
  number: ['numbers', 'one number'],
  boolean: ['true or false', 'true or false'],
  array: ['lists', 'one list'],
};

export function helpPage(item: JsonRecord, page: Page): void {
  page.prose(USAGE + (textIn(item, 'usage') || textIn(item, 'name')), 0, USAGE.length);
  page.gap();
  page.prose(textIn(item, 'summary'));
  const help = textIn(item, 'help');
  if (help !== '') {
    page.gap();
    page.prose(help);
  }
  const options = recordsIn(item, 'options');
  if (options.length > 0) {
    page.heading('Options');
    page.table(
      [TERM, TEXT],
      options.map((option) => [spelling(option), textIn(option, 'summary')]),
    );
  }
  const facts = factsOf(item);
  if (facts.length > 0) {
    page.heading('Use');
    page.table([TERM, TEXT], facts);
  }
  const examples = recordsIn(item, 'examples');
  if (examples.length > 0) page.heading('Examples');
  for (const example of examples) {
    page.line(textIn(example, 'text'), 1);
    const { result } = example;
    page.prose(textIn(example, 'shows') + (Array.isArray(result) ? `: ${resultText(result)}` : ''), 3);
  }
}

/** `-n, --count COUNT` */
function spelling(option: JsonRecord): string {
  const short = textIn(option, 'short');
  const value = textIn(option, 'value');
  return `${short === '' ? '   ' : `-${short},`} --${textIn(option, 'name')}${value && ` ${value.toUpperCase()}`}`;
}

function factsOf(item: JsonRecord): [string, string][] {
  const facts: [string, string][] = [];
  if ('input' in item) {
    const first = item.input_optional === true ? ', or nothing: it may stand first' : '';
    facts.push(['Takes', inWords(textIn(item, 'input'), false) + first]);
  }
  if ('output' in item) facts.push(['Yields', inWords(textIn(item, 'output'), item.single_value === true)]);
  if (item.idempotent === true) facts.push(['Changes', 'nothing']);
  if (item.undoable === true) facts.push(['Changes', 'what undo can take back']);
  const aliases = textsIn(item, 'aliases');
  if (aliases.length > 0) facts.push(['Aliases', aliases.join(', ')]);
  return facts;
}

function inWords(className: string, single: boolean): string {
  if (className === '') return 'nothing';
  const words = IN_WORDS[className];
  if (words) return words[single ? 1 : 0];
  return `${single ? 'one object' : 'objects'} of class ${className}`;
}

function resultText(objects: readonly unknown[]): string {
  return objects.length === 0 ? 'yields nothing' : objects.map((object) => JSON.stringify(object)).join(', ');
}
