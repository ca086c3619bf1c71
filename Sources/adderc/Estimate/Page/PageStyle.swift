/// The page's style. Colours of causes are those of Okabe and Ito, "Color Universal Design", which
/// readers with any colour vision can tell apart; legends name them in the order of the bars.
let pageStyle = """
  :root{--back:#fff;--fore:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--mark:#0969da;
  --differences:#0072b2;--products:#e69f00;--requantization:#009e73;--gathering:#cc79a7;
  --others:#56b4e9;--loops:#8c8c8c;--waiting:#d55e00;--buffer:#f0e442;--backing:#d55e00;
  --filling:#8c8c8c;--leakage:#4d4d4d;--idle:#000}
  @media (prefers-color-scheme:dark){:root{--back:#0d1117;--fore:#e6edf3;--soft:#9198a1;
  --line:#3d444d;--card:#161b22;--mark:#4493f8;--differences:#2b8cd6;--others:#a5dcff;--leakage:#c9c9c9;
  --idle:#fff}}
  *{box-sizing:border-box}
  body{margin:0 auto;padding:1.5rem;max-width:72rem;background:var(--back);color:var(--fore);
  font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
  h1{font-size:1.75rem;margin:0}h2{font-size:1.3rem;margin:2rem 0 .25rem}
  h3{font-size:1rem;margin:1rem 0 .25rem}p{margin:.25rem 0 .75rem}
  small{font-size:.6em;color:var(--soft)}
  header p,section>p{color:var(--soft)}
  .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem}
  .card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem}
  .card h3{margin:0;color:var(--soft);font-weight:600;font-size:.85rem}
  .card p{margin:0;font-size:.8rem;color:var(--soft);overflow-wrap:anywhere}
  .card .big{font-size:1.6rem;font-weight:600;color:var(--fore);line-height:1.3}
  .strip{position:relative;display:block;height:.5rem;margin-top:.4rem;border-radius:.25rem;
  background:var(--line)}
  .strip i{position:absolute;height:100%;border-radius:.25rem;background:var(--mark);opacity:.55}
  .strip b{position:absolute;width:3px;top:-2px;bottom:-2px;margin-left:-1px;
  background:var(--fore)}
  .verdict{border-left:4px solid var(--waiting);padding-left:.75rem;margin-top:.75rem}
  .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:0 2rem}
  table{border-collapse:collapse;width:100%;font-size:.85rem}
  td small{font-size:.85em}
  th{text-align:left;font-weight:600;overflow-wrap:anywhere}td,th{padding:.2rem .5rem .2rem 0;vertical-align:top}
  thead th{color:var(--soft);border-bottom:1px solid var(--line)}
  .n{text-align:right;white-space:nowrap}
  .bounds,.what{display:block;color:var(--soft);font-weight:400;font-size:.75rem}
  .wide{overflow-x:auto}.sources td:last-child{min-width:14rem}
  .sources th:first-child{min-width:11rem}
  .causes th:first-child{min-width:10rem}.causes thead th:not(:first-child){text-align:right}
  td.plot{position:relative;height:1.7rem}
  .parts td.plot{width:40%}.parts th{font-weight:400}
  .bar{display:block;height:.8rem;margin-top:.3rem;background:var(--mark);opacity:.7;min-width:1px}
  .layers td.plot{width:26%;padding-left:1rem}
  .layers th:first-child{min-width:7.5rem}.layers td.n{min-width:6rem}.layers tbody tr{border-top:1px solid var(--line)}
  .stack{display:flex;height:1rem;margin-top:.2rem}
  .stack i{flex:none;min-width:1px;border-right:1px solid var(--back)}
  .whisker{position:relative;display:block;top:-.5rem;margin-top:-2px;height:0;
  border-top:2px solid var(--fore);outline:1px solid var(--back)}
  .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:.5rem 0;
  font-size:.85rem}
  .key{display:inline-block;width:.9rem;height:.9rem;margin-right:.4rem;vertical-align:-.1rem;
  background:var(--mark)}
  .differences{background:var(--differences)}.products{background:var(--products)}
  .requantization{background:var(--requantization)}.gathering{background:var(--gathering)}
  .others{background:var(--others)}.loops{background:var(--loops)}
  .waiting{background:var(--waiting)}.buffer{background:var(--buffer)}
  .backing{background:var(--backing)}.filling{background:var(--filling)}
  .leakage{background:repeating-linear-gradient(135deg,var(--leakage) 0 3px,var(--back) 3px 5px)}
  .idle{background:repeating-linear-gradient(45deg,var(--idle) 0 2px,var(--back) 2px 5px)}
  .map{position:relative;height:20rem;border:1px solid var(--line);background:var(--card)}
  .area{position:absolute;overflow:hidden;padding:0 .2rem;font-size:.7rem;line-height:1.1;
  background:#0072b2;color:#fff;border:1px solid var(--back);white-space:nowrap}
  .area.patches{background:#e69f00;color:#000}
  p .key:first-of-type{background:#0072b2}p .key.patches{background:#e69f00}
  .peak{position:absolute;top:0;bottom:0;border:2px dashed var(--fore);pointer-events:none}
  p .key.peak{position:static;background:none;border:2px dashed var(--fore)}
  .side th{width:9rem}.side td.n{width:8rem}
  .side .plot{height:2.2rem;background:linear-gradient(var(--line),var(--line)) left/1px 100% no-repeat}
  .line{position:relative;display:block;height:.8rem}
  .line i{position:absolute;top:.35rem;height:3px;background:var(--differences)}
  .line b{position:absolute;top:0;width:.8rem;height:.8rem;margin-left:-.4rem;border-radius:50%;
  background:var(--differences)}
  .line.cnn i{background:var(--products)}
  .line.cnn b,.dot.hollow{background:var(--back);border:3px solid var(--products)}
  .dot{display:inline-block;width:.8rem;height:.8rem;border-radius:50%;background:var(--differences)}
  .ticks .plot{height:1.2rem;font-size:.75rem;color:var(--soft)}
  .ticks span{position:absolute;transform:translateX(-50%);white-space:nowrap}
  .side{padding-right:1rem}.side td.n{padding-left:2rem}
  @media (max-width:40rem){body{padding:.75rem}
  .layers,.layers tbody{display:block}.layers thead{display:none}
  .layers tr{display:grid;grid-template-columns:1fr auto}
  .layers th{grid-column:1/3}.layers td.plot{width:auto;padding-left:0}
  .cards{grid-template-columns:1fr 1fr;gap:.5rem}.card .big{font-size:1.3rem}
  .side th{width:6.75rem}.side td.n{width:6rem;padding-left:1rem}}
  @media print{body{max-width:none;padding:0;font-size:11px}
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
  .card,tr,.map{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}}

  """
