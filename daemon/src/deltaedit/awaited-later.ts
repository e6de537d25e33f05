/**
 * A promise that is started now and waited for later. Should what comes between fail, nobody is left to hear of the promise's own
 * failure, and Node would end the process for it; whoever does wait still gets the error.
 */
export function awaitedLater<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
