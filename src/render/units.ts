// Numbers as people read them, by their unit. Only for people: JSON and CSV have the numbers themselves.
import type { Unit } from '../classes';

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const FILE_TYPES: Readonly<Record<number, string>> = { 1: 'p', 2: 'c', 4: 'd', 6: 'b', 8: '-', 10: 'l', 12: 's' };

const FORMATS: Partial<Record<Unit, (value: number) => string>> = {
  bytes: formatBytes,
  seconds: formatDuration,
  'epoch-seconds': formatTime,
  percent: (value) => `${value.toFixed(1)}%`,
  mode: formatMode,
};

/** Whether numbers of that unit line up on their right: a time and permission bits read as text. */
export function isRightAligned(unit: Unit | undefined): boolean {
  return unit !== 'mode' && unit !== 'epoch-seconds';
}

/** A value as a cell of a table or a line of a list: in its unit; nested values as JSON; null as nothing. */
export function formatValue(value: unknown, unit: Unit | undefined): string {
  if (value === null || value === undefined) return '';
  const format = unit && FORMATS[unit];
  const number = format ? numberOf(value) : undefined;
  if (format && number !== undefined) return format(number);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Integers beyond 2^53 arrive as strings of digits. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : undefined;
}

/** `512 B`, `1.2 GiB`. */
function formatBytes(bytes: number): string {
  let size = bytes;
  let power = 0;
  // 1023.95 and more would be rounded to 1024.0
  while (Math.abs(size) >= (power === 0 ? 1024 : 1023.95) && power < SIZES.length - 1) {
    size /= 1024;
    power++;
  }
  return `${power === 0 ? size : size.toFixed(1)} ${SIZES[power]}`;
}

/** `0:07`, `1:02:03`, `2d 01:02:03`. */
function formatDuration(duration: number): string {
  const total = Math.floor(Math.abs(duration));
  const sign = duration < 0 && total > 0 ? '-' : '';
  const days = Math.floor(total / 86_400);
  const hours = Math.floor(total / 3600) % 24;
  const minutes = Math.floor(total / 60) % 60;
  const seconds = two(total % 60);
  if (days > 0) return `${sign}${days}d ${two(hours)}:${two(minutes)}:${seconds}`;
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${seconds}` : `${sign}${minutes}:${seconds}`;
}

/** Local time, `2024-05-01 12:34:56`. */
function formatTime(epoch: number): string {
  const time = new Date(epoch * 1000);
  if (Number.isNaN(time.getTime())) return String(epoch);
  const date = [String(time.getFullYear()).padStart(4, '0'), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** `drwxr-xr-x`; without the type's letter where the mode holds permission bits alone. */
function formatMode(mode: number): string {
  const type = (mode >> 12) & 0o17;
  const prefix = type === 0 ? '' : (FILE_TYPES[type] ?? '?');
  return (
    prefix +
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') +
    triple(mode >> 3, (mode & 0o2000) !== 0, 's') +
    triple(mode, (mode & 0o1000) !== 0, 't')
  );
}

/** Three permission bits; the special bit takes the place of `x`, as a capital where `x` is not set. */
function triple(bits: number, special: boolean, letter: string): string {
  const execute = (bits & 1) !== 0;
  const plain = execute ? 'x' : '-';
  const marked = execute ? letter : letter.toUpperCase();
  return (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + (special ? marked : plain);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
