import { draw, h, make } from "./element.js";
import { logRow } from "./log-row.js";

const marginPixels = 700;
const fetchedAhead = 300;
// Browsers end at 17 million pixels: longer logs are pressed together, but at their ends.
const tallest = 2_000_000;
const endPixels = 50_000;
// To follow is to be on the way to a line that never comes.
const newest = { index: Infinity, share: 1 };

/** Shows lines around those in sight. What is added or turns out to be higher never moves these. */
export class LogScroller {
  #refresh;
  #source = null;
  /** `{ raw, style, look, row }` from the line `#first` on. */
  #rows = [];
  #first = 0;
  #top = 0;
  #lastScrollTop = 0;
  /** A line to bring into sight, at a share of the height; null when it is there. */
  #target = newest;
  /** Little steps leave the scroll bar off, by as much as the log is pressed. */
  #isOff = false;
  #rowHeight = 0;
  #space = make(h("div"));
  #box = make(h("div.rows"));

  element = make(h("div.log", { role: "log", tabindex: 0, "aria-live": "off", "aria-label": "Log",
    onscroll: () => this.#scrolled(), onscrollend: () => this.#putRight() },
  this.#space, this.#box));

  constructor(refresh) {
    this.#refresh = refresh;
    this.element.addEventListener("wheel", ({ deltaY }) => {
      if (deltaY < 0 && this.element.scrollTop > 0) this.follow(false);
    }, { passive: true });
    new ResizeObserver(refresh).observe(this.element);
  }

  get following() {
    return this.#target === newest;
  }

  show(source, target) {
    this.#source = source;
    this.#rows = [];
    draw(this.#box);
    if (target === undefined) this.follow(true);
    else this.goTo(target);
  }

  follow(wanted) {
    this.#target = wanted ? newest : null;
    this.#refresh();
  }

  goTo(index, share = 0.3) {
    this.#target = { index, share };
    this.#putRight();
  }

  reveal(index) {
    const { first, last } = this.seen();
    if (index < first || index >= last - 1) this.goTo(index);
    else this.follow(false);
  }

  /** Lines in sight; `last` is not included. */
  seen() {
    const { scrollTop, clientHeight } = this.element;
    const last = this.#first + this.#rowAt(scrollTop + clientHeight) + 1;
    return { first: this.#first + this.#rowAt(scrollTop), last: Math.min(this.#source.end, last) };
  }

  draw(look) {
    const height = this.element.clientHeight;
    if (height === 0 || this.#source === null) return;
    const lineHeight = Number.parseFloat(getComputedStyle(this.element).lineHeight);
    this.#rowHeight ||= lineHeight;
    const { start, end } = this.#source;
    const within = (index) => Math.min(Math.max(index, start), end);
    const rowsIn = (pixels) => Math.ceil(Math.max(0, pixels + marginPixels) / lineHeight);
    const { index, at } = this.#anchor(height);
    const anchor = within(index);
    const first = within(anchor - rowsIn(at));
    const last = within(anchor + rowsIn(height - at));
    this.#source.need(within(first - fetchedAhead), within(last + fetchedAhead));
    this.#fill(first, last, look);
    this.#place(anchor, at);
  }

  #putRight() {
    this.#isOff = true;
    this.#refresh();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const delta = scrollTop - this.#lastScrollTop;
    if (Math.abs(delta) < 1) return;
    // Zoomed pages have fractions of pixels.
    const isAtEnd = scrollHeight - clientHeight - scrollTop <= 3
      && this.#first + this.#rows.length >= this.#source.end;
    // Only scrolling down begins to follow, and only scrolling up ends it.
    this.follow(isAtEnd === delta > 0 ? isAtEnd : this.following);
  }

  #rowAt(height) {
    const rows = [...this.#box.children];
    return Math.max(0, rows.findLastIndex((row) => this.#top + row.offsetTop <= height));
  }

  /** The line that stays, `at` pixels below the top of what is seen. */
  #anchor(height) {
    if (this.#target) return { index: this.#target.index, at: height * this.#target.share };
    const { scrollTop, scrollHeight } = this.element;
    const nearest = this.#rowAt(scrollTop);
    const row = this.#box.children[nearest];
    const at = row && this.#top + row.offsetTop - scrollTop;
    if (at < 3 * height && at + row.offsetHeight > -3 * height) {
      return { index: this.#first + nearest, at };
    }
    const { start, end } = this.#source;
    const beyond = end - start - height / this.#rowHeight;
    return { index: start + Math.floor(beyond * scrollTop / (scrollHeight - height)), at: 0 };
  }

  #fill(first, last, look) {
    this.#rows = Array.from({ length: last - first }, (_, place) => {
      const index = first + place;
      const line = this.#source.line(index);
      const { raw, style } = line ?? {};
      const old = this.#rows[index - this.#first];
      return old?.look === look && old.raw === raw && old.style === style
        ? old : { raw, style, look, row: logRow(index, line, look) };
    });
    this.#first = first;
    draw(this.#box, ...this.#rows.map(({ row }) => row));
    this.#box.style.setProperty("--digits", Math.max(3, String(last).length));
  }

  #place(index, at) {
    const { start, end } = this.#source;
    const boxHeight = this.#box.offsetHeight;
    const height = boxHeight / this.#rows.length;
    // Little changes would make the scroll bar tremble.
    if (Math.abs(height / this.#rowHeight - 1) > 0.25) this.#rowHeight = height;
    const above = (this.#first - start) * this.#rowHeight;
    const below = (end - this.#first - this.#rows.length) * this.#rowHeight;
    const lowest = Math.max(0, Math.min(above + boxHeight + below, tallest) - boxHeight);
    const inBox = this.#box.children[index - this.#first]?.offsetTop ?? boxHeight;
    this.#top = this.element.scrollTop + at - inBox;
    if (this.#isOff || above === 0 || below === 0 || this.#top < 0 || this.#top > lowest) {
      const pressed = lowest * above / (above + below) || 0;
      this.#top = Math.max(Math.min(above, endPixels),
        Math.min(pressed, lowest - Math.min(below, endPixels)));
    }
    this.#isOff = false;
    this.#space.style.setProperty("height", `${lowest + boxHeight}px`);
    this.#box.style.setProperty("top", `${this.#top}px`);
    const top = Math.max(0, this.#top + inBox - at);
    if (Math.abs(this.element.scrollTop - top) >= 1) this.element.scrollTop = top;
    this.#lastScrollTop = this.element.scrollTop;
    // Until the target is there rows may grow above it.
    if (this.#source.line(index) !== undefined) this.#target = null;
  }
}
