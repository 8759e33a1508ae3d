/**
 * The dashboard's only style sheet. Text and background colors have a contrast of at least 4.5 : 1 in light and dark
 * mode.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --surface: #ffffff; --sunken: #f1efe9; --line: #e0ddd4; --text: #22262b; --muted: #5f6670;
  --accent: #17694d; --accent-text: #ffffff; --link: #14603f;
  --good: #17694d; --good-ground: #dff1e7; --wait: #7a4b00; --wait-ground: #fbecce;
  --bad: #9c2b23; --bad-ground: #fbe3df; --busy: #1f5488; --busy-ground: #e0ecf8; --quiet: #555c65; --quiet-ground: #ebe9e3;
  --plus: #e3f4e8; --minus: #fce8e5; --hunk: #eceff5; --shadow: 0 1px 2px rgb(34 38 43 / 6%), 0 4px 14px rgb(34 38 43 / 4%);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --surface: #1c2024; --sunken: #15181b; --line: #30363c; --text: #e4e6e8; --muted: #9aa3ad;
    --accent: #58c295; --accent-text: #0c1f17; --link: #74d1a9;
    --good: #7bd6ae; --good-ground: #163427; --wait: #f0c067; --wait-ground: #3a2c10;
    --bad: #f39b91; --bad-ground: #421e1b; --busy: #92c1f0; --busy-ground: #182f47; --quiet: #b0b7bf; --quiet-ground: #2a2f34;
    --plus: #15301f; --minus: #3a1d1b; --hunk: #222a35; --shadow: none;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 var(--sans); -webkit-text-size-adjust: 100%; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; text-wrap: balance; }
h2 { font-size: 1rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; line-height: 1.35; margin: 0 0 .3rem; overflow-wrap: anywhere; }
p { margin: 0 0 .6rem; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.15rem; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: from-font; }
h3 a, th a { color: inherit; text-decoration-color: var(--line); }
h3 a:hover, th a:hover { text-decoration-color: currentcolor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
code, pre { font-family: var(--mono); font-size: .86em; }
code { overflow-wrap: anywhere; }
pre { margin: .5rem 0 0; padding: .75rem .9rem; background: var(--sunken); border: 1px solid var(--line); border-radius: 8px;
  overflow-x: auto; max-height: 22rem; line-height: 1.5; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 0; padding: .5rem 1rem; background: var(--surface); z-index: 2; }
.skip:focus { left: .5rem; top: .5rem; }
.muted { color: var(--muted); }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding: .7rem max(1rem, calc((100vw - 1048px) / 2));
  background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: .6rem; font-weight: 650; font-size: 1.08rem; letter-spacing: -.01em; color: var(--text); text-decoration: none; }
.mark-ground { fill: var(--accent); } .mark-line { fill: none; stroke: var(--accent-text); stroke-width: 2.4; stroke-linecap: round; stroke-linejoin: round; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .9rem; margin: 0; font-size: .85rem; color: var(--muted); flex: 1; }
.controls { display: flex; gap: .5rem; }
main { max-width: 1080px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
nav { font-size: .87rem; margin-bottom: .8rem; color: var(--muted); }
.reason { color: var(--muted); max-width: 70ch; }

.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem; box-shadow: var(--shadow); margin: 0 0 .9rem; }
.card > :last-child { margin-bottom: 0; }
.card.waiting { border-color: color-mix(in srgb, var(--wait) 45%, var(--line)); border-left: 4px solid var(--wait); }
.empty { padding: 1.4rem; border: 1px dashed var(--line); border-radius: 12px; color: var(--muted); text-align: center; }
.lead { font-size: 1.04rem; max-width: 72ch; }
.badges { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .5rem; font-size: .87rem; }
.badge { display: inline-block; padding: .1rem .55rem; border-radius: 99px; font-size: .8rem; font-weight: 600; line-height: 1.5; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-ground); } .badge.wait { color: var(--wait); background: var(--wait-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); } .badge.busy { color: var(--busy); background: var(--busy-ground); }
.badge.quiet { color: var(--quiet); background: var(--quiet-ground); }
.banner { padding: .65rem .9rem; border-radius: 10px; font-weight: 550; }
.banner.good { color: var(--good); background: var(--good-ground); } .banner.bad { color: var(--bad); background: var(--bad-ground); }
.banner.wait { color: var(--wait); background: var(--wait-ground); }

.tiles { list-style: none; display: grid; grid-template-columns: repeat(4, 1fr); gap: .9rem; padding: 0; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1.1rem; box-shadow: var(--shadow); }
.tile strong { display: block; font-size: 1.75rem; font-weight: 620; line-height: 1.2; font-variant-numeric: tabular-nums; color: var(--muted); }
.tile span { font-size: .86rem; color: var(--muted); }
.tile.wait strong { color: var(--wait); } .tile.good strong { color: var(--good); } .tile.busy strong { color: var(--busy); } .tile.quiet strong { color: var(--text); }

table { width: 100%; border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding: .8rem 0 .2rem; }
.stack th, .stack td { text-align: left; vertical-align: top; padding: .6rem .8rem .6rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.stack thead th { border-top: 0; padding-top: 0; font-size: .8rem; font-weight: 550; color: var(--muted); white-space: nowrap; }
.stack tbody th { font-weight: 550; } .stack.subjects tbody th { min-width: 12rem; width: 46%; }
.card > .stack:not(:first-child) { margin-top: .9rem; } .stack caption { padding: 0 0 .5rem; }
.stack tbody th > .muted { display: block; font-weight: 400; font-size: .87rem; }
.stack td { font-size: .92rem; } .stack time { white-space: nowrap; }
.stack .number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.6rem; width: 6rem; }
.stack tbody tr:last-child > * { padding-bottom: 0; }

button { font: inherit; font-size: .92rem; font-weight: 600; padding: .42rem 1rem; border-radius: 8px; border: 1px solid var(--line); background: var(--surface); color: var(--text); cursor: pointer; }
button:hover { border-color: var(--muted); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-text); }
button.primary:hover { filter: brightness(1.08); }
button.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 40%, var(--line)); }
.controls button { font-size: .85rem; font-weight: 500; padding: .25rem .75rem; }
label { display: block; font-size: .87rem; color: var(--muted); margin-bottom: .2rem; }
input, textarea { font: inherit; width: 100%; padding: .5rem .7rem; color: var(--text); background: var(--ground); border: 1px solid color-mix(in srgb, var(--muted) 55%, var(--line)); border-radius: 8px; }
textarea { resize: vertical; display: block; }
.answer { margin-top: .8rem; } .buttons { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: .7rem; }
.question { font-weight: 600; margin-top: .4rem; } .question .muted { font-weight: 400; font-size: .9rem; }
.why { font-size: .94rem; } .why p { margin: 0; color: var(--muted); }
.login { min-height: 90vh; display: grid; place-items: center; }
.login .card { width: min(26rem, 100%); padding: 1.8rem; } .login label { margin-top: .8rem; } .login button { width: 100%; margin-top: 1.2rem; padding: .6rem; }

.facts-list { display: grid; grid-template-columns: fit-content(16rem) 1fr; overflow-wrap: anywhere; gap: .35rem 1.4rem; margin: .8rem 0 0; }
.facts-list dt { color: var(--muted); } .facts-list dd { margin: 0; min-width: 0; } .facts-list ul { padding-left: 1rem; }
details { margin: .3rem 0 .6rem; } summary { cursor: pointer; color: var(--link); font-size: .92rem; width: fit-content; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .9rem; margin: .9rem 0; }
.step { border: 1px solid var(--line); border-radius: 10px; padding: .8rem .95rem; min-width: 0; border-top: 3px solid var(--line); }
.step.good { border-top-color: var(--good); } .step.bad { border-top-color: var(--bad); }
.step h3 { font-size: .85rem; font-weight: 550; color: var(--muted); } .step p { margin-bottom: .3rem; } .step details { margin-bottom: 0; }
.step .muted { font-size: .87rem; } .command code { color: var(--muted); }
.light { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; margin-right: .35rem; }
.light.red { background: #d5473b; } .light.green { background: #2f9e6d; }
.grade { display: flex; gap: .6rem; align-items: baseline; }
.plus { color: var(--good); } .minus { color: var(--bad); }
.scroll { overflow: auto; max-height: 36rem; border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; }
.diff { font: 13px/1.5 var(--mono); background: var(--sunken); width: max-content; min-width: 100%; }
.diff td { padding: 0 .8rem; white-space: pre; tab-size: 4; }
.diff td:nth-child(-n+2) { text-align: right; color: var(--muted); user-select: none; width: 1%; min-width: 3rem; padding: 0 .5rem; font-size: 12px; }
.diff .add { background: var(--plus); } .diff .remove { background: var(--minus); } .diff .hunk { background: var(--hunk); color: var(--muted); }
.diff .meta { color: var(--muted); } .diff .file { background: var(--surface); font-weight: 600; }
.exception { white-space: pre-wrap; overflow-wrap: anywhere; } .exception .foreign { color: var(--muted); } .card > h3:not(:first-child) { margin-top: 1.1rem; }
.timeline { list-style: none; padding: 1.1rem 1.25rem; }
.timeline li { position: relative; padding: 0 0 .9rem 1.3rem; border-left: 2px solid var(--line); }
.timeline li::before { content: ""; position: absolute; left: -6px; top: .45rem; width: 10px; height: 10px; border-radius: 50%; background: var(--accent); border: 2px solid var(--surface); }
.timeline li:last-child { border-color: transparent; padding-bottom: 0; } .timeline p { margin: 0; }
.timeline .muted { font-size: .87rem; } .entry-facts { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .9rem; }
.said { padding-left: 2.2rem; } q { font-style: italic; }

@media (max-width: 720px) {
  .tiles { grid-template-columns: 1fr 1fr; } .pair { grid-template-columns: 1fr; }
  .facts { flex-basis: 100%; order: 3; } .controls { margin-left: auto; }
  input, textarea { font-size: 16px; } .card { padding: 1rem; } .facts-list { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts-list dd { margin-bottom: .5rem; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tr, .stack th, .stack td, .stack caption { display: block; width: 100%; }
  .stack tr { border-top: 1px solid var(--line); padding: .8rem 0; } .stack tbody tr:first-child { border-top: 0; padding-top: 0; } .stack tbody tr:last-child { padding-bottom: 0; }
  .stack tbody th, .stack.subjects tbody th, .stack td { border: 0; padding: 0; width: auto; }
  .stack tbody th { margin-bottom: .35rem; }
  .stack td { display: flex; justify-content: space-between; gap: 1rem; padding: .12rem 0; text-align: right; }
  .stack td::before { content: attr(data-label); color: var(--muted); text-align: left; flex: none; }
  .stack .number { padding-right: 0; width: auto; }
}
@media print { .top, form, .skip { display: none; } details::details-content { content-visibility: visible; } }
`;

/** The icon in the dashboard's accent color. */
export const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#17694d"/><path d="M6 17h5l3-7 4.5 13 3-9 1.5 3h3" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
