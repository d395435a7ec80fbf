// The whole run in small, above the tracks.
"use strict";

class Overview {
    constructor(painter) {
        this.painter = painter;
    }

    /** The whole run in small, with a frame around what is shown. */
    draw(canvas, view) {
        const width = canvas.clientWidth;
        const height = 42;
        const context = this.painter.prepare(canvas, width, height);
        const { gutter } = this.painter;
        const { data, colors } = this.painter;
        const scale = (width - gutter) / data.length;
        context.fillStyle = colors.panel;
        context.fillRect(0, 0, width, height);
        context.fillStyle = colors["ink-2"];
        context.fillText("whole run", 10, 13);
        context.font = SMALL;
        context.fillStyle = colors["ink-3"];
        context.fillText(`${fathom.group(data.events)} events`, 10, 29);
        const lane = (height - 10) / data.cpus.length;
        const rows = this.painter.layout.rows.filter((row) => row.kind === "run");
        rows.forEach((row, number) => this.miniature(context, row, 2 + number * lane,
                                                     Math.max(1, lane - 0.8), scale));
        context.fillStyle = colors.fault;
        for (let i = 0, last = -1; i < data.faults.time.length; ++i) {
            const x = Math.round(gutter + data.faults.time[i] * scale);
            if (x !== last) {
                context.fillRect(x, height - 6, 1, 5);
                last = x;
            }
        }
        const left = gutter + view.t0 * scale;
        const right = gutter + view.t1 * scale;
        context.globalAlpha = 0.55;
        context.fillStyle = colors.paper;
        context.fillRect(gutter, 0, left - gutter, height);
        context.fillRect(right, 0, width - right, height);
        context.globalAlpha = 1;
        context.strokeStyle = colors.accent;
        context.lineWidth = 1.5;
        context.strokeRect(left + 0.5, 1, Math.max(3, right - left - 1), height - 2);
    }

    miniature(context, row, y, height, scale) {
        const { gutter } = this.painter;
        const { begin, end, item } = row.lanes[0];
        for (let i = 0; i < begin.length;) {
            const thread = this.painter.data.runs.thread[item[i]];
            const left = gutter + begin[i] * scale;
            const width = Math.max(0.7, (end[i] - begin[i]) * scale);
            context.fillStyle = this.painter.styleOf("run", item[i]).color;
            if (!this.painter.data.isIdle(thread)) {
                context.fillRect(left, y, width, height);
            }
            i = width > 0.7 ? i + 1 : Math.max(i + 1, firstOver(end, begin[i] + 0.7 / scale, i));
        }
    }
}
