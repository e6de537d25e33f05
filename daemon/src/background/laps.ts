/** The time that parts of a job take. */

/** A function that tells the milliseconds since it was called last, or made. */
export function lapsSince(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return Math.round(last - before);
  };
}
