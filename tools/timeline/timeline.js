// The timeline's view and hands: zoom, pan, hover, search, keys. `timeline` is what a test asks.
"use strict";

const SHORTEST_VIEW = 40;  // steps of the clock across the window

class Timeline {
    constructor(data) {
        this.data = decode(data);
        this.layout = layOut(this.data);
        this.painter = new Painter(this.data, this.layout);
        this.overview = new Overview(this.painter);
        this.view = { t0: 0, t1: this.data.length, scroll: 0, width: 0, height: 0, hits: null };
        this.found = null;
        this.current = -1;
        this.drawn = 0;
        this.milliseconds = 0;
        this.box = document.getElementById("view");
        this.tracks = document.getElementById("tracks");
        this.small = document.getElementById("overview");
        this.listen();
        this.resize();
    }

    resize() {
        this.view.width = this.box.clientWidth;
        this.view.height = this.box.clientHeight;
        const below = this.layout.height + RULER - this.view.height;
        document.getElementById("spacer").style.height = Math.max(0, below) + "px";
        this.redraw();
    }

    redraw() {
        if (!this.pending) {
            this.pending = requestAnimationFrame(() => {
                this.pending = 0;
                const before = performance.now();
                this.view.scroll = this.box.scrollTop;
                this.drawn = this.painter.draw(this.tracks, this.view);
                this.overview.draw(this.small, this.view);
                this.milliseconds = performance.now() - before;
                const { t0, t1 } = this.view;
                const step = (t1 - t0) / 200;
                document.getElementById("range").textContent =
                    `${formatTime(t0, step)} \u2013 ${formatTime(t1, step)}`;
            });
        }
    }

    timeAt(x) {
        const { t0, t1, width } = this.view;
        return t0 + (x - this.painter.gutter) / (width - this.painter.gutter) * (t1 - t0);
    }

    /** Shows [t0, t1], cut to the run. */
    show(t0, t1) {
        const length = Math.min(Math.max(t1 - t0, SHORTEST_VIEW), this.data.length);
        const begin = Math.min(Math.max((t0 + t1 - length) / 2, 0), this.data.length - length);
        this.view.t0 = begin;
        this.view.t1 = begin + length;
        this.redraw();
    }

    /** Zooms by `factor` (below 1: closer) and keeps the time at `x` where it is. */
    zoom(factor, x = (this.view.width + this.painter.gutter) / 2) {
        const fixed = Math.min(Math.max(this.timeAt(x), this.view.t0), this.view.t1);
        const { t0, t1 } = this.view;
        const length = Math.min(Math.max((t1 - t0) * factor, SHORTEST_VIEW), this.data.length);
        const share = (fixed - t0) / (t1 - t0);
        this.show(fixed - share * length, fixed + (1 - share) * length);
    }

    pan(share) {
        const distance = share * (this.view.t1 - this.view.t0);
        this.show(this.view.t0 + distance, this.view.t1 + distance);
    }

    thingUnder(event) {
        const box = this.tracks.getBoundingClientRect();
        const y = event.clientY - box.top - RULER + this.view.scroll;
        const x = event.clientX - box.left;
        if (x < this.painter.gutter || event.clientY - box.top < RULER) {
            return null;
        }
        const slack = 2.5 / this.painter.scale;
        return thingAt(rowAt(this.layout.rows, y), y, this.timeAt(x), slack);
    }

    hover(event) {
        const thing = this.thingUnder(event);
        fathom.tooltip(thing ? describe(this.data, thing.kind, thing.item).join("\n") : "",
                       event.clientX, event.clientY);
    }

    select(thing) {
        const details = document.getElementById("details");
        details.replaceChildren();
        if (thing === null) {
            details.textContent = this.hint;
            return;
        }
        const [title, ...rest] = describe(this.data, thing.kind, thing.item);
        details.append(Object.assign(document.createElement("b"), { textContent: title }),
                       "\n" + rest.join("\n"));
    }

    search(text) {
        this.found = search(this.data, this.layout, text);
        this.view.hits = this.found ? this.found.hits : null;
        this.current = -1;
        document.getElementById("hits").textContent =
            this.found ? `${fathom.group(this.found.list.length)} found` : "";
        this.redraw();
    }

    /** Goes to the next hit (-1: the one before) and shows it. */
    step(direction) {
        const count = this.found ? this.found.list.length : 0;
        if (count === 0) {
            return;
        }
        this.current = this.current < 0 && direction < 0
            ? count - 1 : (this.current + direction + count) % count;
        const hit = this.found.list[this.current];
        document.getElementById("hits").textContent =
            `${fathom.group(this.current + 1)} of ${fathom.group(count)}`;
        const around = Math.max(hit.end - hit.begin, 500) * 4;
        const middle = (hit.begin + hit.end) / 2;
        this.show(middle - around, middle + around);
        this.box.scrollTop = Math.max(0, hit.row.y - this.view.height / 2);
        this.select(hit);
    }

    listen() {
        this.hint = "Click something to keep its description here. Ctrl + wheel or W / S zooms, " +
            "drag or A / D moves,\na drag on the ruler zooms to what it spans, 0 shows all.";
        this.select(null);
        addEventListener("resize", () => this.resize());
        new ResizeObserver(() => this.resize()).observe(this.box);
        document.addEventListener("fathom-theme", () => {
            this.painter.readColors();
            this.redraw();
        });
        this.box.addEventListener("scroll", () => this.redraw());
        this.box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        this.tracks.addEventListener("pointerdown", (event) => this.press(event));
        this.tracks.addEventListener("pointermove", (event) => this.hover(event));
        this.tracks.addEventListener("pointerleave", () => fathom.tooltip(""));
        this.tracks.addEventListener("dblclick", (event) => this.zoom(0.25, event.offsetX));
        this.small.addEventListener("pointerdown", (event) => this.pressOverview(event));
        addEventListener("keydown", (event) => this.key(event));
        const field = document.getElementById("search");
        field.addEventListener("input", () => this.search(field.value));
        field.addEventListener("keydown", (event) => {
            if (event.key === "Enter") {
                this.step(event.shiftKey ? -1 : 1);
            }
        });
        const click = (id, action) => document.getElementById(id).addEventListener("click", action);
        click("next", () => this.step(1));
        click("previous", () => this.step(-1));
        click("in", () => this.zoom(0.5));
        click("out", () => this.zoom(2));
        click("fit", () => this.show(0, this.data.length));
    }

    wheel(event) {
        if (event.ctrlKey || event.metaKey) {
            event.preventDefault();
            this.zoom(1.0015 ** event.deltaY, event.clientX);
        } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            event.preventDefault();
            this.pan((event.deltaX || event.deltaY) / 1200);
        }
    }

    /** A drag on the tracks moves them; on the ruler it marks what to zoom to; a click selects. */
    press(event) {
        const onRuler = event.offsetY < RULER;
        const start = { x: event.clientX, y: event.clientY, scroll: this.box.scrollTop,
                        t0: this.view.t0, t1: this.view.t1, time: this.timeAt(event.offsetX) };
        const perPixel = 1 / this.painter.scale;
        let moved = false;
        const move = (now) => {
            moved ||= Math.hypot(now.clientX - start.x, now.clientY - start.y) > 4;
            if (moved && !onRuler) {
                const distance = (start.x - now.clientX) * perPixel;
                this.show(start.t0 + distance, start.t1 + distance);
                this.box.scrollTop = start.scroll + start.y - now.clientY;
            }
        };
        const release = (now) => {
            this.tracks.classList.remove("dragging");
            removeEventListener("pointermove", move);
            removeEventListener("pointerup", release);
            if (!moved) {
                this.select(this.thingUnder(now));
            } else if (onRuler) {
                const end = this.timeAt(now.clientX - this.tracks.getBoundingClientRect().left);
                this.show(Math.min(start.time, end), Math.max(start.time, end));
            }
        };
        this.tracks.classList.toggle("dragging", !onRuler);
        addEventListener("pointermove", move);
        addEventListener("pointerup", release);
    }

    pressOverview(event) {
        const center = (x) => {
            const { gutter } = this.painter;
            const share = (x - gutter) / (this.small.clientWidth - gutter);
            const half = (this.view.t1 - this.view.t0) / 2;
            this.show(share * this.data.length - half, share * this.data.length + half);
        };
        const move = (now) => center(now.clientX);
        center(event.clientX);
        addEventListener("pointermove", move);
        addEventListener("pointerup", () => removeEventListener("pointermove", move),
                         { once: true });
    }

    key(event) {
        if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const actions = { w: () => this.zoom(0.6), s: () => this.zoom(1 / 0.6),
                          "+": () => this.zoom(0.6), "-": () => this.zoom(1 / 0.6),
                          a: () => this.pan(-0.2), d: () => this.pan(0.2),
                          ArrowLeft: () => this.pan(-0.1), ArrowRight: () => this.pan(0.1),
                          0: () => this.show(0, this.data.length),
                          "/": () => document.getElementById("search").focus() };
        const action = actions[event.key];
        if (action) {
            event.preventDefault();
            action();
        }
    }
}

function writeLegend() {
    const entries = [["application", "application thread"], ["kernel-thread", "kernel thread"],
                     ["idle", "idle"], ["interrupt", "interrupt"], ["fault", "stack fault"],
                     ["accent faint", "stack pages so far (square-root scale)"],
                     ["rule-1", "R1 on a kernel thread"], ["rule-2", "R2 on a populated stack"],
                     ["rule-3", "R3 nested"], ["rule-4", "R4 preemptible"],
                     ["rule-5", "R5 unknown"], ["ink-3", "plain: interrupts off"],
                     ["ink-3 striped", "striped: preemption off"]];
    document.getElementById("legend").innerHTML = entries.map(([name, text]) => {
        const [color, look] = name.split(" ");
        return `<span><i class="swatch ${look || ""}" style="background-color:var(--${color})">` +
               `</i>${text}</span>`;
    }).join("");
}

let timeline = null;
writeLegend();
fathom.data("timeline").then((data) => {
    timeline = new Timeline(data);
});
