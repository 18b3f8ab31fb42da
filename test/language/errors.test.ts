import { HotwireError } from '../../src/errors';
import { ParseError, type ParseErrorCode, parse } from '../../src/language';
import { MAX_TEXT_UNITS } from '../../src/limits';
import { vocabulary } from './vocabulary';

function failure(text: string): ParseError {
  try {
    parse(text, vocabulary);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} parses`);
}

/** The place is drawn as in the message: `carets` below `text`. */
test.each<[code: ParseErrorCode, text: string, carets: string, reason: RegExp, hint?: RegExp]>([
  ['EmptyPipeline', '', '^', /no command/, /help/],
  ['EmptyPipeline', '  # nothing', '           ^', /no command/],
  ['UnexpectedToken', '|', '^', /after the last bar/],
  ['UnexpectedToken', 'proc |', '     ^', /after the last bar/],
  ['UnexpectedToken', 'proc | | json', '       ^', /between two bars/],
  ['UnexpectedToken', 'proc || json', '      ^', /between two bars/, /or else.*sh …/],
  ['UnexpectedToken', '|| json', ' ^', /between two bars/],
  ['UnexpectedToken', '> x', '^', /> has no command/],
  ['UnexpectedToken', 'proc | < x', '       ^', /< has no command/],
  ['MissingTarget', 'ls >', '   ^', /write to/],
  ['MissingTarget', 'ls >>', '   ^^', />> needs a file/],
  ['MissingTarget', 'filter a < | json', '         ^', /read from/],
  ['RepeatedRedirection', 'ls > a > b', '       ^', /output is redirected twice/],
  ['RepeatedRedirection', 'ls > a >> b', '       ^^', /output is redirected twice/],
  ['RepeatedRedirection', 'filter a < b < c', '             ^', /input is redirected twice/],
  ['MisplacedRedirection', 'ls > a | json', '   ^', /would get nothing/],
  ['MisplacedRedirection', 'ls | json < a', '          ^', /'json' already gets its input from 'ls'/],
  ['MisplacedRedirection', '| filter a < b', '           ^', /from 'current'/],
  [
    'MisplacedRedirection',
    'where a > 5 >> f',
    '            ^^',
    />> can't follow a condition of 'where' that is not quoted/,
    /\(where '…' >> FILE\), or append with: … \| write -a FILE/,
  ],
  ['MisplacedRedirection', 'where a>>f', '       ^^', />> can't follow/],
  ['MissingTarget', 'where a >>', '        ^^', />> needs a file/],
  ['MissingArgument', '> f where', '    ^^^^^', /where needs CONDITION/],
  ['NoInput', 'proc < a', '     ^', /'proc' takes no input/],
  ['NoInput', 'ls | proc', '     ^^^^', /'proc' takes no input, but 'ls' yields hotwire.sysdep.fs.File/],
  ['NoInput', 'head a < b', '       ^', /'head' takes no input as it is written here/],
  ['NoInput', 'ls | head a', '     ^^^^', /'head' takes no input as it is written here, but 'ls' yields/],
  ['NoOutput', 'cp a b > c', '       ^', /'cp' yields nothing to write/],
  ['NoOutput', 'cp a b | json', '         ^^^^', /'cp' yields nothing that 'json' could take/],
  [
    'TypeMismatch',
    'ls | pids',
    '     ^^^^',
    /'ls' yields hotwire.sysdep.fs.File, but 'pids' takes hotwire.sysdep.proc.Process/,
  ],
  ['TypeMismatch', 'proc | grep a', '       ^^^^', /'proc' yields .*Process, but 'grep' takes string/, /json/],
  ['TypeMismatch', 'pids < "a b"', '^^^^', /'a b' yields string, but 'pids' takes/],
  ['TypeMismatch', 'ls | filter a | pids', '                ^^^^', /'filter' yields hotwire.sysdep.fs.File/],
  ['UnknownCommand', 'porc -a', '^^^^', /'porc'/, /^did you mean proc or sort\?$/],
  ['UnknownCommand', 'proc | filte a', '       ^^^^^', /'filte'/, /filter/],
  ['UnknownCommand', '\\proc', '^^^^^', /'proc'/],
  ['UnknownCommand', '"" a', '^^', /''/],
  ['UnknownCommand', 'A=1 make', '^^^', /'A=1'/, /setenv/],
  ['UnknownCommand', 'ls | py x', '     ^^', /'py'/, /sys python3 -c '…'/],
  ['MissingScript', 'py', '^^', /py needs/, /py …/],
  ['MissingScript', ' sh  ', ' ^^', /sh needs/, /sys sh/],
  ['MissingScript', '| js', '  ^^', /js needs/],
  ['UnknownOption', 'proc -x', '     ^^', /proc has no option '-x'/, /-a --all; write -- before/],
  ['UnknownOption', 'proc -ax', '     ^^^', /proc has no option '-x' \(in '-ax'\)/],
  ['UnknownOption', 'filter --ignore x', '       ^^^^^^^^', /no option '--ignore'/, /did you mean --ignore-case\?/],
  ['UnknownOption', 'proc --al', '     ^^^^', /no option '--al'/, /--all/],
  ['UnknownOption', 'json -1', '     ^^', /no option '-1'/, /takes no options; write --/],
  ['MissingOptionValue', 'head -n', '     ^^', /--count needs NUMBER/],
  ['MissingOptionValue', 'head --count | json', '     ^^^^^^^', /--count needs NUMBER/],
  ['UnexpectedOptionValue', 'proc --all=1', '     ^^^^^^^', /--all takes no value/],
  [
    'MissingArgument',
    'proc | filter',
    '       ^^^^^^',
    /^filter needs REGEXP$/,
    /usage: filter \[OPTION…\] REGEXP \[PROPERTY\]/,
  ],
  ['MissingArgument', 'cp', '^^', /^cp needs SOURCE and TARGET$/, /^usage: cp SOURCE TARGET$/],
  ['MissingArgument', 'sort -r', '^^^^', /needs PROPERTY/, /PROPERTY…$/],
  ['TooManyArguments', 'proc | json a', '            ^', /json takes no arguments, but 1 is given/],
  ['TooManyArguments', 'filter a b c d', '           ^', /at most 2 arguments, but 4 are given/],
  ['UnclosedQuote', `ls 'a b`, '   ^', /quote ' is not closed/],
  ['UnclosedQuote', 'ls x"a', '    ^', /quote " is not closed/],
  ['UnclosedQuote', `ls > 'a`, '     ^', /quote ' is not closed/],
  ['TrailingBackslash', 'ls a\\', '    ^', /nothing follows the backslash/],
  ['NulCharacter', 'ls a\0b', '    ^', /NUL/],
  ['NulCharacter', "py '\0'", '    ^', /NUL/],
  ['ShellSyntax', 'ls && proc', '   ^^', /&& does not separate/, /'&&'.*sh …/],
  ['ShellSyntax', 'filter a ; ls', '         ^', /; does not separate/],
  ['ShellSyntax', 'make &', '     ^', /& does not separate/],
  ['ShellSyntax', 'ls /tmp; proc', '   ^^^^^', /; does not separate/],
  ['ShellSyntax', 'make a&&make', '     ^^^^^^^', /&& does not separate/],
  ['ShellSyntax', 'echo -n $HOME/a', '        ^^^^^', /'\$HOME' would not be expanded/, /single quotes/],
  ['ShellSyntax', 'ls "$HOME"', '    ^^^^^', /would not be expanded/],
  ['ShellSyntax', 'ls > $HOME/a', '     ^^^^^', /would not be expanded/],
  ['ShellSyntax', 'echo `make`', '     ^', /would not be expanded/],
  ['ShellSyntax', 'sort -t $IFS a', '        ^^^^', /would not be expanded/],
  ['ShellSyntax', 'make 2> log', '     ^^', /2> means nothing here/, /blank/],
  ['ShellSyntax', 'make >&2', '     ^^', />& means nothing here/],
  ['ShellSyntax', 'filter a <<END', '         ^^', /<< means nothing here/],
  ['ShellSyntax', 'filter a <(ls)', '         ^^', /<\( means nothing here/],
])('%s: %j', (code, text, carets, reason, ...[hint]) => {
  const error = failure(text);
  expect(error.code).toBe(code);
  expect(error.reason).toMatch(reason);
  if (hint) expect(error.hint).toMatch(hint);
  const start = carets.indexOf('^');
  expect(error.message.split('\n').slice(0, 3)).toEqual([error.reason, text.replace('\0', '␀'), carets]);
  expect(error.span.start).toBe(start);
  // A caret stands also under an empty place: the end of the text.
  expect(error.span.length).toBe(start === text.length ? 0 : carets.length - start);
});

test('is an error of the kind Parse, with its hint as the last line', () => {
  const error = failure('porc -a');
  expect(error).toBeInstanceOf(HotwireError);
  expect(error).toMatchObject({ name: 'ParseError', kind: 'Parse', exit: 2, text: 'porc -a' });
  expect(error.busName).toBe('org.hotwireshell.Error.Parse');
  expect(error.message).toBe("there is no command or program 'porc'\nporc -a\n^^^^\ndid you mean proc or sort?");
});

test('at most three near names, the nearest first', () => {
  expect(failure('jso').hint).toBe('did you mean json?');
  expect(failure('hea').hint).toBe('did you mean head?');
  expect(failure('gerp').hint).toBe('did you mean grep?');
  expect(failure('l').hint).toBe(undefined);
  expect(failure('nonsense-zz').hint).toBe(undefined);
});

test('a text longer than the limit is refused with an excerpt', () => {
  const error = failure('a'.repeat(MAX_TEXT_UNITS + 1));
  expect(error).toMatchObject({ code: 'TextTooLong', span: { start: MAX_TEXT_UNITS, length: 0 } });
  expect(error.message.length).toBeLessThan(500);
});
