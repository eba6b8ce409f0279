import { countText } from "../model/quantity.js";
import { pageLength } from "../model/log-model.js";
import { element, setText } from "./element.js";
import { Flush } from "./flush.js";
import { LogRows } from "./log-rows.js";

/** Within so many pixels of an end of the rows, the next page is fetched. */
const pageMargin = 600;
/** So near to the bottom counts as at the bottom; zoomed pages have fractions of pixels. */
const bottomMargin = 3;

/**
 * The scrolling rows of a log. Following means staying at the end; scrolling up stops it, scrolling
 * down to the end starts it again. Lines that are not held are fetched as one comes near them.
 *
 * @param fetchLines from `{ from, to }` to a promise of `{ from, lines }`
 * @param onFollow is called when following has begun or stopped · @param onError with an error
 */
export class LogPane {
    #model;
    #fetchLines;
    #onFollow;
    #onError;
    #isFetching = false;
    #lastTop = 0;
    #ends = new AbortController();
    #flush = new Flush(() => this.#update());
    #resize = new ResizeObserver(() => this.#flush.request());
    #log = element("div", {
        class: "log", role: "log", tabindex: 0, "aria-live": "off", "aria-label": "Log",
    });
    #chip = element("button", { type: "button", class: "chip", hidden: true });
    #rows = new LogRows(this.#log);

    constructor({ model, fetchLines, onFollow, onError }) {
        this.#model = model;
        this.#fetchLines = fetchLines;
        this.#onFollow = onFollow;
        this.#onError = onError;
        this.element = element("div", { class: "pane" }, this.#log, this.#chip);
    }

    start() {
        const { signal } = this.#ends;
        const passive = { signal, passive: true };
        this.#log.addEventListener("scroll", () => this.#scrolled(), passive);
        this.#log.addEventListener("wheel", (event) => this.#wheeled(event), passive);
        this.#log.addEventListener("keydown", (event) => this.#key(event), { signal });
        this.#chip.addEventListener("click", () => this.setFollowing(true), { signal });
        this.#resize.observe(this.#log);
    }

    close() {
        this.#ends.abort();
        this.#flush.cancel();
        this.#resize.disconnect();
    }

    /** The model has changed. */
    request() {
        this.#flush.request();
    }

    setFollowing(wanted) {
        if (this.#model.following === wanted) return;
        if (wanted) this.#model.follow();
        else this.#model.stopFollowing();
        this.#onFollow();
        this.#flush.request();
    }

    /** Shows the beginning of the log. */
    async showBeginning() {
        this.setFollowing(false);
        if (this.#model.view.start > 0) {
            await this.#fetch({ from: 0, to: pageLength }, ({ from, lines }) => {
                this.#model.show(from, lines);
                this.#update();
            });
        }
        this.#log.scrollTop = 0;
    }

    #update() {
        this.#rows.show(this.#model.view, { toEnd: this.#model.following });
        this.#lastTop = this.#log.scrollTop;
        const count = this.#model.newLines;
        this.#chip.hidden = count === 0;
        setText(this.#chip, count === 0 ? "" : countText(count, "new line"));
        this.#page();
    }

    #scrolled() {
        const { scrollTop, scrollHeight, clientHeight } = this.#log;
        const isUp = scrollTop < this.#lastTop - 1;
        const isDown = scrollTop > this.#lastTop;
        const isAtBottom = scrollHeight - clientHeight - scrollTop <= bottomMargin;
        this.#lastTop = scrollTop;
        if (isUp && !isAtBottom) this.setFollowing(false);
        if (isDown && isAtBottom && this.#model.view.end === this.#model.end) {
            this.setFollowing(true);
        }
        this.#page();
    }

    #wheeled({ deltaY }) {
        if (deltaY < 0 && this.#log.scrollTop > 0) this.setFollowing(false);
    }

    #key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "End") {
            this.setFollowing(true);
        } else if (event.key === "Home") {
            event.preventDefault();
            this.showBeginning();
        }
    }

    /** Fetches, or takes from the tail, the page that the reader is about to need. */
    #page() {
        if (this.#model.following || this.#isFetching) return;
        const { scrollTop, scrollHeight, clientHeight } = this.#log;
        const above = this.#model.pageAbove;
        if (scrollTop < pageMargin && above !== null) {
            this.#fetch(above, ({ from, lines }) => this.#model.addAbove(from, lines));
        } else if (scrollHeight - clientHeight - scrollTop < pageMargin) {
            const below = this.#model.pageBelow;
            if (below !== null) {
                this.#fetch(below, ({ from, lines }) => this.#model.addBelow(from, lines));
            } else if (this.#model.moveDown()) {
                this.#flush.request();
            }
        }
    }

    async #fetch(range, take) {
        if (this.#isFetching) return;
        this.#isFetching = true;
        try {
            take(await this.#fetchLines(range, this.#ends.signal));
            this.#flush.request();
        } catch (error) {
            if (error.name !== "AbortError") this.#onError(error);
        }
        this.#isFetching = false;
    }
}
