/**
 * Runs an update of the page at most once an animation frame, however often it is asked for. A
 * page that is hidden gets no frames, and so no updates, until it is looked at again.
 */
export class Flush {
    #update;
    #frame = null;

    constructor(update) {
        this.#update = update;
    }

    /** Asks for the update. */
    request() {
        this.#frame ??= requestAnimationFrame(() => {
            this.#frame = null;
            this.#update();
        });
    }

    /** Forgets an update that was asked for. */
    cancel() {
        if (this.#frame !== null) cancelAnimationFrame(this.#frame);
        this.#frame = null;
    }
}
