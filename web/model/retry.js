const firstWait = 250;
const lastWait = 10_000;
const waiting = new Set();

/** Tries again after waits that double, and differ from page to page. */
export class Retry {
  tries = 0;
  #action;
  #timer;

  static hurry() {
    for (const retry of [...waiting]) retry.#act();
  }

  later(action) {
    const wait = Math.min(lastWait, firstWait * 2 ** this.tries) * (1 - Math.random() / 2);
    this.tries += 1;
    this.#action = action;
    this.#timer = setTimeout(() => this.#act(), wait);
    waiting.add(this);
  }

  cancel() {
    clearTimeout(this.#timer);
    waiting.delete(this);
  }

  #act() {
    this.cancel();
    this.#action();
  }
}
