/** Says what happened to people who do not see it: the page's one polite live region. */
export class Announcer {
    #region;

    constructor(region) {
        this.#region = region;
    }

    /** Replaces what was said last. */
    say(text) {
        this.#region.textContent = text;
    }
}
