/**
 * How long to wait before each further try: doubling from `first` to `last` milliseconds, each
 * wait shortened by up to a half at random, so that many pages do not come back in one moment.
 */
export class Backoff {
    #first;
    #last;
    #random;
    #tries = 0;

    constructor({ first = 250, last = 10_000, random = Math.random } = {}) {
        this.#first = first;
        this.#last = last;
        this.#random = random;
    }

    /** Tries since the last success. */
    get tries() {
        return this.#tries;
    }

    /** The wait before the next try, in milliseconds. */
    next() {
        const full = Math.min(this.#last, this.#first * 2 ** Math.min(this.#tries, 30));
        this.#tries += 1;
        return Math.round(full * (1 - this.#random() / 2));
    }

    /** A try has worked: the next wait is short again. */
    reset() {
        this.#tries = 0;
    }
}
