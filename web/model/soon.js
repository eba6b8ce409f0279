const pause = () => new Promise((resolve) => { setTimeout(resolve, 200); });

/** A function that does `action` soon: once for a burst of calls, one at a time. */
export function soon(action) {
  let isAsked = false;
  let last;
  return async () => {
    if (isAsked) return;
    isAsked = true;
    await Promise.all([last, pause()]);
    isAsked = false;
    last = action();
  };
}
