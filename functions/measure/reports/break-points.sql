/*
title: {tr: Nerede kopuyor, en: Where purchases break off}
description:
  tr: Bu günlerde ürüne bakan müşteriler, ilk baktıkları yere göre; kaçı sepete ekledi, ödemeye geçti, aldı. Sonraki adımlar her kanalda sayılır.
  en: Customers who viewed a product in these days, by where they first did; how many then added, began to pay and bought. Later steps count on every channel.
parameters: [from, to, segment, compare]
tables:
  - name: places
    title: {tr: Yerlere göre, en: By place}
    key: [place]
    chart: {kind: bars, x: place, y: [viewed, added, checkout, bought]}
    columns:
      place: {kind: text, tr: Yer, en: Place, means: channel and device of the first view in these days; all for everybody}
      viewed: {kind: count, tr: Bakan, en: Viewed, means: customers who viewed a product}
      added: {kind: count, tr: Sepete ekleyen, en: Added, means: those who then added one to the cart}
      checkout: {kind: count, tr: Ödemeye geçen, en: Began to pay, means: those who then began to pay}
      bought: {kind: count, tr: Alan, en: Bought, means: those who then ordered}
      elsewhere: {kind: count, tr: Başka kanalda alan, en: Bought on another channel, means: those whose first order after it was on another channel}
      lost_before_cart: {kind: share, tr: Sepetten önce kopan, en: Lost before the cart, means: share of viewed without added}
      lost_before_checkout: {kind: share, tr: Ödemeden önce kopan, en: Lost before paying, means: share of added who neither began to pay nor bought}
      lost_in_checkout: {kind: share, tr: Ödemede kopan, en: Lost while paying, means: share of those who began to pay without bought}
      lost_before_order: {kind: share, tr: Siparişten önce kopan, en: Lost before the order, means: share of added without bought}
      rate: {kind: share, tr: Alma oranı, en: Bought of viewed, means: bought of viewed}
*/
-- table: places
-- A product that was added at the view or later was added last at the view or later; so the last instants suffice. They
-- are taken of identifiers first, which are fewer than events.
WITH seen AS (
  SELECT
    home, root, min("at") FILTER (WHERE step = 1) AS viewed_at,
    max("at") FILTER (WHERE step = 2) AS added_at,
    max("at") FILTER (WHERE step = 3) AS checkout_at
  FROM report_events
  WHERE step IN (1, 2, 3) AND "at" >= from_ms() AND "at" < to_ms()
  GROUP BY home, root
), mine AS (
  SELECT coalesce(people.person, seen.root) AS person, seen.home AS home, seen.root AS root, viewed_at, added_at, checkout_at
  FROM seen LEFT JOIN people ON people.home = seen.home
), firsts AS (
  SELECT person, min(viewed_at) AS "at", max(added_at) AS added_at, max(checkout_at) AS checkout_at FROM mine
  WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)
  GROUP BY person
), viewed AS (
  SELECT
    firsts.person AS person, firsts."at" AS "at", coalesce(firsts.added_at >= firsts."at", false) AS added,
    coalesce(firsts.checkout_at >= firsts."at", false) AS checkout, min(channel || ' ' || device) AS spot
  FROM firsts JOIN mine ON mine.person = firsts.person AND mine.viewed_at = firsts."at"
  JOIN report_events AS views ON views.home = mine.home AND views.root = mine.root AND views."at" = mine.viewed_at
  WHERE views.step = 1 GROUP BY firsts.person, firsts."at", firsts.added_at, firsts.checkout_at
), ordered AS (
  SELECT firsts.person AS person, min(counted_orders.channel) AS channel
  FROM (
    SELECT viewed.person AS person, min(counted_orders."at") AS "at"
    FROM counted_orders JOIN viewed ON counted_orders.person = viewed.person AND counted_orders."at" >= viewed."at"
    WHERE counted_orders."at" < to_ms() GROUP BY viewed.person
  ) AS firsts JOIN counted_orders ON counted_orders.person = firsts.person AND counted_orders."at" = firsts."at"
  GROUP BY firsts.person
), people_seen AS (
  SELECT
    trim(spot) AS place, added, checkout, ordered.person IS NOT NULL AS bought,
    ordered.person IS NOT NULL AND ordered.channel <> split_part(spot, ' ', 1) AS elsewhere
  FROM viewed LEFT JOIN ordered USING (person)
)
SELECT
  CASE WHEN grouping(place) = 1 THEN 'all' ELSE place END AS place, count(*) AS viewed, count(*) FILTER (WHERE added) AS added,
  count(*) FILTER (WHERE checkout) AS checkout, count(*) FILTER (WHERE bought) AS bought,
  count(*) FILTER (WHERE elsewhere) AS elsewhere,
  1 - count(*) FILTER (WHERE added) / count(*) AS lost_before_cart,
  count(*) FILTER (WHERE added AND NOT checkout AND NOT bought) / nullif(count(*) FILTER (WHERE added), 0) AS lost_before_checkout,
  count(*) FILTER (WHERE checkout AND NOT bought) / nullif(count(*) FILTER (WHERE checkout), 0) AS lost_in_checkout,
  1 - count(*) FILTER (WHERE added AND bought) / nullif(count(*) FILTER (WHERE added), 0) AS lost_before_order,
  count(*) FILTER (WHERE bought) / count(*) AS rate
FROM people_seen GROUP BY GROUPING SETS ((place), ()) HAVING count(*) > 0
ORDER BY viewed DESC, grouping(place) DESC, place;
