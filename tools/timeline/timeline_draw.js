// Drawing the ruler and the rows that are visible. Spans narrower than a pixel are drawn
// as one; what lies in the same pixel is skipped by halving, so the cost follows the pixels and not
// the events.
"use strict";

const RULER = 24;
const FONT = "11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const SMALL = "10px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const CHARACTER = 6.7;  // of FONT, in pixels

class Painter {
    constructor(data, layout) {
        this.data = data;
        this.layout = layout;
        this.readColors();
    }

    readColors() {
        this.colors = {};
        for (const name of ["paper", "panel", "ink", "ink-2", "ink-3", "line", "line-2", "accent",
                            "rule-1", "rule-2", "rule-3", "rule-4", "rule-5", "fault", "interrupt",
                            "kernel-thread", "application", "idle"]) {
            this.colors[name] = fathom.color(name);
        }
        this.stripes = makeStripes(this.colors.panel);
    }

    get gutter() {
        return innerWidth < 700 ? 108 : 178;
    }

    /** Sizes a canvas to its box in device pixels and gives its context, in CSS pixels. */
    prepare(canvas, width, height) {
        const ratio = devicePixelRatio || 1;
        if (canvas.width !== Math.round(width * ratio) ||
            canvas.height !== Math.round(height * ratio)) {
            canvas.width = Math.round(width * ratio);
            canvas.height = Math.round(height * ratio);
            canvas.style.width = width + "px";
            canvas.style.height = height + "px";
        }
        const context = canvas.getContext("2d");
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.font = FONT;
        context.textBaseline = "middle";
        return context;
    }

    /** Draws all that view = {t0, t1, scroll, width, height, hits} shows; returns the number of
     *  spans drawn. */
    draw(canvas, view) {
        const context = this.prepare(canvas, view.width, view.height);
        this.context = context;
        this.view = view;
        this.scale = (view.width - this.gutter) / (view.t1 - view.t0);
        this.drawn = 0;
        context.fillStyle = this.colors.paper;
        context.fillRect(0, 0, view.width, view.height);
        this.grid();
        for (const row of this.layout.rows) {
            const y = row.y - view.scroll + RULER;
            if (y + row.height < RULER || y > view.height) {
                continue;
            }
            this.row(row, y);
        }
        this.ruler();
        return this.drawn;
    }

    x(time) {
        return this.gutter + (time - this.view.t0) * this.scale;
    }

    tickStep() {
        const least = 95 / this.scale;
        const power = 10 ** Math.floor(Math.log10(least));
        const step = [1, 2, 5, 10].find((factor) => factor * power >= least) * power;
        return Math.max(1, step);
    }

    grid() {
        const step = this.tickStep();
        this.context.fillStyle = this.colors["line-2"];
        for (let t = Math.ceil(this.view.t0 / step) * step; t <= this.view.t1; t += step) {
            this.context.fillRect(Math.round(this.x(t)), RULER, 1, this.view.height);
        }
    }

    ruler() {
        const { context, colors, view } = this;
        context.fillStyle = colors.panel;
        context.fillRect(0, 0, view.width, RULER);
        context.fillStyle = colors.line;
        context.fillRect(0, RULER - 1, view.width, 1);
        context.fillRect(this.gutter - 1, 0, 1, view.height);
        context.fillStyle = colors["ink-2"];
        context.fillText(this.data.unit, 10, RULER / 2);
        const step = this.tickStep();
        for (let t = Math.ceil(view.t0 / step) * step; t <= view.t1; t += step) {
            const x = this.x(t);
            context.fillRect(Math.round(x), RULER - 6, 1, 6);
            const text = formatTime(t, step);
            if (x + 4 + text.length * CHARACTER < view.width) {
                context.fillText(text, x + 4, RULER / 2);
            }
        }
    }

    row(row, y) {
        const { context, colors } = this;
        if (row.kind === "heading") {
            context.fillStyle = colors["line-2"];
            context.fillRect(0, y, this.view.width, row.height);
            this.label(row.label, "", y + row.height / 2, colors.ink);
            return;
        }
        context.save();
        context.beginPath();
        context.rect(this.gutter, y, this.view.width - this.gutter, row.height);
        context.clip();
        this.missing(row, y);
        if (row.kind === "thread") {
            this.life(row, y);
            this.lane(row.lanes[0], y + 3, 12);
            this.pages(row, y + 17, row.height - 20);
        } else {
            const height = { run: ROW.run - 3, section: ROW.section - 2,
                             interrupt: ROW.interrupt - 3 }[row.kind];
            const pitch = row.kind === "section" ? ROW.section : 0;
            row.lanes.forEach((lane, depth) => this.lane(lane, y + 2 + depth * pitch, height));
        }
        context.restore();
        if (row.kind === "thread" || row.kind === "interrupt") {
            context.fillStyle = colors["line-2"];
            context.fillRect(0, y + row.height - 1, this.view.width, 1);
        }
        const middle = y + (row.kind === "interrupt" ? ROW.interrupt : row.height) / 2 + 1;
        this.label(row.label, row.note, middle,
                   row.label.startsWith(" ") ? colors["ink-3"] : colors.ink);
    }

    /** The left column: a name, and a note at its right if there is room for both. */
    label(text, note, y, color) {
        const { context } = this;
        const room = Math.floor((this.gutter - 16) / CHARACTER);
        context.fillStyle = color;
        context.fillText(text.length > room ? text.slice(0, room - 1) + "\u2026" : text, 10, y);
        if (note && text.length + note.length + 1 <= room) {
            context.fillStyle = this.colors["ink-3"];
            context.textAlign = "right";
            context.fillText(note, this.gutter - 8, y);
            context.textAlign = "left";
        }
    }

    /** Before a CPU's first event its ring was overwritten: say so, do not show it as idle. */
    missing(row, y) {
        if (row.missing > this.view.t0) {
            const { context } = this;
            context.fillStyle = this.colors["line-2"];
            context.fillRect(this.gutter, y, this.x(row.missing) - this.gutter, row.height);
            if (row.kind === "run") {
                context.fillStyle = this.colors["ink-3"];
                context.fillText("overwritten", this.gutter + 6, y + row.height / 2);
            }
        }
    }

    lane(lane, y, height) {
        const { view } = this;
        const { begin, end, item } = lane;
        let i = firstOver(end, view.t0);
        while (i < begin.length && begin[i] < view.t1) {
            const left = Math.max(this.x(begin[i]), this.gutter - 2);
            const right = Math.min(this.x(end[i]), view.width + 2);
            const width = Math.max(1, right - left);
            this.span(lane.kind, item[i], left, y, width, height);
            this.drawn += 1;
            i = width > 1 ? i + 1
                          : Math.max(i + 1, firstOver(end, view.t0 + (left + 1 - this.gutter) /
                                                      this.scale, i));
        }
    }

    span(kind, item, x, y, width, height) {
        const { context } = this;
        const style = this.styleOf(kind, item);
        const hits = this.view.hits;
        context.globalAlpha = hits === null || hits.has(kind + item) ? 1 : 0.22;
        context.fillStyle = style.color;
        const gap = width > 3 ? 0.6 : 0;
        context.fillRect(x, y, width - gap, height);
        if (style.striped && width > 2) {
            context.fillStyle = this.stripes;
            context.fillRect(x, y, width - gap, height);
        }
        if (width > 26 && height > 9) {
            const inside = Math.max(x, this.gutter);
            const room = Math.floor((width - (inside - x) - 8) / CHARACTER);
            if (room >= 3) {
                this.textIn(style, inside + 4, y + height / 2 + 0.5, room);
            }
        }
        context.globalAlpha = 1;
    }

    textIn(style, x, y, room) {
        const { context } = this;
        const text = style.text.length <= room ? style.text : style.text.slice(0, room);
        if (style.striped) {
            context.fillStyle = style.color;
            context.fillRect(x - 2, y - 6, text.length * CHARACTER + 4, 11);
        }
        context.fillStyle = style.ink;
        context.fillText(text, x, y);
    }

    styleOf(kind, item) {
        const { data, colors } = this;
        const dark = document.documentElement.dataset.theme === "dark";
        if (kind === "section") {
            const rule = data.sections.what[item];
            return { color: colors["rule-" + rule] || colors["ink-3"],
                     striped: !data.sections.irqs[item], ink: dark ? "#111" : "#fff",
                     text: `R${rule} ${data.places[data.sections.place[item]][0]}` };
        }
        if (kind === "interrupt") {
            return { color: colors.interrupt, ink: dark ? "#111" : "#fff", text: "" };
        }
        const thread = data.runs.thread[item];
        const color = data.isIdle(thread) ? colors.idle
            : data.isApplication(thread) ? colors.application : colors["kernel-thread"];
        return { color, ink: data.isIdle(thread) ? colors["ink-3"] : dark ? "#f2f5f4" : "#14201a",
                 text: kind === "onCpu" ? `CPU ${data.runs.cpu[item]}` : data.nameOf(thread) };
    }

    /** A thin line from the thread's creation to its end. */
    life(row, y) {
        const { created, ended } = this.data.threads;
        const begin = this.x(Math.max(0, created[row.thread]));
        const end = ended[row.thread] < 0 ? this.view.width : this.x(ended[row.thread]);
        this.context.fillStyle = this.colors.line;
        this.context.fillRect(Math.max(begin, this.gutter), y + 8.5,
                              Math.max(1, end - Math.max(begin, this.gutter)), 1);
    }

    /** The stack's pages over time as steps, a tick for each fault. */
    pages(row, y, height) {
        const { context, view, colors } = this;
        const { faultTimes } = row;
        if (faultTimes.length === 0) {
            return;
        }
        const level = (pages) => height * Math.sqrt(pages / this.data.mostPages);
        const begin = Math.max(this.x(Math.max(0, this.data.threads.created[row.thread])),
                               this.gutter);
        const ended = this.data.threads.ended[row.thread];
        const until = Math.min(ended < 0 ? view.width : this.x(ended), view.width);
        const shape = new Path2D();
        shape.moveTo(begin, y + height);
        let last = level(firstOver(faultTimes, view.t0) + 1);
        shape.lineTo(begin, y + height - last);
        const ticks = new Path2D();
        for (let i = firstOver(faultTimes, view.t0); i < faultTimes.length; ++i) {
            const x = this.x(faultTimes[i]);
            if (x > view.width) {
                break;
            }
            shape.lineTo(x, y + height - last);
            last = level(i + 2);
            shape.lineTo(x, y + height - last);
            ticks.rect(x - 0.75, y + height - last - 3, 1.5, 4);
            const pixel = firstOver(faultTimes, view.t0 + (x + 1 - this.gutter) / this.scale, i);
            i = Math.max(i, pixel - 2);
        }
        shape.lineTo(until, y + height - last);
        shape.lineTo(until, y + height);
        context.globalAlpha = 0.35;
        context.fillStyle = colors.accent;
        context.fill(shape);
        context.globalAlpha = 1;
        context.fillStyle = colors.fault;
        context.fill(ticks);
    }
}

/** Diagonal stripes: preemption off, where a plain colour says interrupts off. */
function makeStripes(color) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const context = tile.getContext("2d");
    context.strokeStyle = color;
    context.lineWidth = 1.4;
    for (const offset of [-6, 0, 6]) {
        context.beginPath();
        context.moveTo(offset, 6);
        context.lineTo(offset + 6, 0);
        context.stroke();
    }
    return context.createPattern(tile, "repeat");
}
