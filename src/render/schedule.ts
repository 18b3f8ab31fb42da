/** Runs `action` once after so many milliseconds; returns what calls that off. Handed in, so that tests need no time. */
export type Schedule = (milliseconds: number, action: () => void) => () => void;

/** The real clock. */
export const schedule: Schedule = (milliseconds, action) => {
  const timer = setTimeout(action, milliseconds);
  return () => clearTimeout(timer);
};
