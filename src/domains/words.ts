/** A command given as one text: HOTWIRE_SSH, as git reads GIT_SSH_COMMAND. */

/**
 * Splits at blanks, as a shell would: quotes and backslash keep them. Nothing is expanded, nothing is run.
 * @returns undefined when a quote is not closed
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const piece = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
  let word: string | undefined;
  while (piece.lastIndex < text.length) {
    const found = piece.exec(text);
    if (found === null) return undefined;
    const [, single, double, escaped, plain] = found;
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (part !== undefined) {
      word = (word ?? '') + part;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
