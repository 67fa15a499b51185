"""How the page of a report looks: on phones, desktops and paper, in light and dark."""

from __future__ import annotations

from shared.domain.measure.charts import SHADES

_SHADES = "".join(
    f".shade{step}{{background:color-mix(in srgb,var(--c0) {42 * step / SHADES:.1f}%,var(--page))}}\n"
    for step in range(SHADES + 1)
)
_RULES = """
:root{color-scheme:light dark;--page:#fff;--text:#1b1d21;--soft:#5a6069;--rule:#d9dce1;--card:#f5f6f8;
--c0:#0072b2;--c1:#d55e00;--c2:#00805e;--c3:#8a5a9e}
@media(prefers-color-scheme:dark){:root{--page:#15171a;--text:#eceef0;--soft:#a9b0b9;--rule:#383d44;--card:#1f2226;
--c0:#56b4e9;--c1:#e69f00;--c2:#2fc79b;--c3:#cc9be0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 6px}
h2{font-size:1.15rem;margin:36px 0 10px}
h3{font-size:1rem;margin:18px 0 8px}
p{margin:0 0 6px}
.soft{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(148px,1fr));gap:10px;margin:0;padding:0}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:10px 12px}
.tile dt{color:var(--soft);font-size:.85rem}
.tile dd{margin:2px 0 0;font-size:1.2rem;font-variant-numeric:tabular-nums}
.tile dd small,td small{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
.long{grid-column:1/-1}
.long dd{font-size:1rem}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible{outline:3px solid var(--c0);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
.numbers td{white-space:nowrap}
.numbers td.word{white-space:normal}
.date,.numbers td.date{white-space:nowrap}
thead th{vertical-align:bottom;font-weight:600;min-width:4.5em}
th.word,td.word,tbody th{text-align:left;font-weight:400;overflow-wrap:break-word;min-width:6em}
.numbers{width:100%}
.numbers tbody tr:hover{background:var(--card)}
.matrix{font-size:.85rem}
.matrix td,.matrix th{min-width:2.8em;padding:6px 3px;text-align:center;white-space:nowrap}
.matrix tbody th{text-align:left;white-space:normal;min-width:6em}
.matrix.dense{font-size:.75rem}
.matrix.dense td,.matrix.dense th{min-width:2.4em;padding:6px 2px}
.matrix.dense tbody th{min-width:3em}
.matrix caption{text-align:left;color:var(--soft);padding-bottom:6px}
figure{margin:0 0 16px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;color:var(--soft);font-size:.9rem;margin-bottom:8px}
.legend span{display:flex;align-items:center;gap:6px}
.sign{width:28px;height:12px}
.bars .label{margin:10px 0 2px;font-size:.9rem;overflow-wrap:anywhere}
.bar{display:grid;grid-template-columns:1fr 8.5em;gap:8px;align-items:center;font-size:.85rem;
font-variant-numeric:tabular-nums}
.bar svg{width:100%;height:14px;display:block}
.bars{max-width:760px}
.lines svg:not(.sign){width:100%;height:180px;display:block;overflow:visible}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem;margin:4px 0}
polyline,line{fill:none;stroke-width:2.5;vector-effect:non-scaling-stroke}
.grid{stroke:var(--rule);fill:none;vector-effect:non-scaling-stroke}
.fill0{fill:var(--c0)}
.fill1{fill:var(--c1)}
.fill2{fill:var(--c2)}
.fill3{fill:var(--c3)}
.line0{stroke:var(--c0)}
.line1{stroke:var(--c1)}
.line2{stroke:var(--c2)}
.line3{stroke:var(--c3)}
details{margin-top:8px;font-size:.9rem}
summary{cursor:pointer;color:var(--soft);padding:6px 0}
details dt{font-weight:600}
details dd{margin:0 0 6px}
@page{size:A4 landscape;margin:10mm}
@media print{.numbers td:not(.date){white-space:normal}
.wide{font-size:6pt}
td small{font-size:1em}
.wide th,.wide td{padding:2px 3px}
.wide thead th:not(.word){writing-mode:vertical-rl;text-align:left;vertical-align:bottom}
:root{color-scheme:light;--page:#fff;--text:#000;--soft:#444;--rule:#bbb;--card:#fff;--c0:#0072b2;
--c1:#d55e00;--c2:#00805e;--c3:#8a5a9e}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}
.scroll{overflow:visible}
table:not(.wide){font-size:7.5pt}
th,td{padding:2px 4px}
thead th,th.word,td.word,tbody th,.matrix td,.matrix th{min-width:0}
h2{break-after:avoid}
figure,.tile,tr{break-inside:avoid}
details{display:none}}
"""
STYLE = _RULES + _SHADES
