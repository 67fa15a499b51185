/*
title: {tr: Kontrol grubu, en: Holdout}
description:
  tr: İleti alanlar ile bilerek almayanlar arasındaki fark; 14 gün içindeki siparişlere göre. Karar, aralık her bakışta sıfırı dışladığında verilir.
  en: The difference between those who went on and those who were held out, by orders within 14 days. A verdict is given only when the interval that holds at every look excludes zero.
parameters: [from, to, segment, compare]
tables:
  - name: journeys
    title: {tr: Akışlar, en: Journeys}
    empty: {tr: "Bu günlerde hiçbir akışta hem ileti alan hem almayan yok.", en: "No journey had customers in both groups in these days."}
    key: [journey, step]
    finish: holdout
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      step: {kind: text, tr: Adım, en: Step, means: the step that holds out}
      customers: {kind: count, tr: İleti alan, en: Went on, means: customers who went on}
      held_out: {kind: count, tr: Almayan, en: Held out, means: customers who were held out}
      rate: {kind: share, tr: Sipariş oranı, en: Order rate, means: share of those who went on with an order within 14 days}
      held_out_rate: {kind: share, tr: Almayanlarda, en: Order rate of the held out, means: the same of the held out}
      difference: {kind: points, between: [low, high], tr: Fark, en: Difference, means: difference of the rates}
      low: {kind: points, tr: En az, en: From, means: lower end of its 95% interval (Newcombe)}
      high: {kind: points, tr: En çok, en: To, means: upper end of its 95% interval}
      lift: {kind: share, tr: Orana göre fark, en: Lift, means: difference as a share of the rate of the held out}
      revenue_each: {kind: money, tr: Müşteri başına ciro, en: Revenue per customer, means: revenue within 14 days of a customer who went on}
      held_out_revenue: {kind: money, tr: Almayanlarda, en: Of the held out, means: the same of the held out}
      revenue_difference: {kind: money, between: [revenue_low, revenue_high], tr: Ciro farkı, en: Difference in revenue, means: difference per customer}
      revenue_low: {kind: money, tr: En az, en: From, means: lower end of its 95% interval (Welch)}
      revenue_high: {kind: money, tr: En çok, en: To, means: upper end of its 95% interval}
      revenue_lift: {kind: share, tr: Ciroya göre fark, en: Lift of revenue, means: difference as a share of the revenue per held out customer}
      needed: {kind: count, tr: Gereken müşteri, en: Still needed, means: customers still needed for a verdict if the difference stays}
      verdict: {kind: text, tr: Karar, en: Verdict, means: "open, better or worse"}
*/
-- table: journeys
WITH firsts AS (
  SELECT * FROM choices WHERE chance = 'holdout'
  QUALIFY row_number() OVER (PARTITION BY person, journey, step ORDER BY "at", id) = 1
    AND count(DISTINCT arm) OVER (PARTITION BY person, journey, step) = 1
)
SELECT
  journey, step, arm, count(*) AS customers, count(*) FILTER (WHERE orders > 0) AS converted, sum(revenue) AS revenue,
  sum(CAST(revenue AS DOUBLE) * CAST(revenue AS DOUBLE)) AS squares
FROM firsts GROUP BY journey, step, arm ORDER BY journey, step, arm;
