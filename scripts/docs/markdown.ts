// What the pages are made of.

/** The comment below a page's title. */
export function madeFrom(source: string): string {
  return `<!-- Made from ${source} by npm run docs: change that, not this page. -->`;
}

/** Parts of a page with a blank line between them; those that are undefined or empty are left out. */
export function joined(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

/** A word of code. A text that holds a backquote gets a longer quote. */
export function code(text: string): string {
  if (!text.includes('`')) return `\`${text}\``;
  return `\`\` ${text} \`\``;
}

/** Prose in which nothing is taken for a sign of Markdown. */
export function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&');
}

/** A block of code. */
export function block(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

/** A table, or nothing where there are no rows. A bar in a cell is no end of it, also in code. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** As GitHub names the place of a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** A link to a heading, of this page or of another file. */
export function link(heading: string, file = ''): string {
  return `[${code(heading)}](${file}#${anchor(heading)})`;
}
