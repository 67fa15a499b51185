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
WITH viewed AS (
  SELECT person, "at", channel, trim(channel || ' ' || device) AS place FROM acts, asked
  WHERE type = 'track' AND name = 'Product Viewed' AND "at" >= from_ms AND "at" < to_ms
  QUALIFY row_number() OVER (PARTITION BY person ORDER BY "at", event) = 1
), done AS (
  SELECT
    viewed.person, bool_or(name = 'Product Added') AS added, bool_or(name = 'Checkout Started') AS checkout
  FROM viewed JOIN acts ON acts.person = viewed.person AND acts."at" >= viewed."at", asked
  WHERE type = 'track' AND acts."at" < to_ms GROUP BY viewed.person
), ordered AS (
  SELECT viewed.person, bought.channel
  FROM viewed JOIN bought ON bought.person = viewed.person AND bought."at" >= viewed."at", asked
  WHERE bought."at" < to_ms QUALIFY row_number() OVER (PARTITION BY viewed.person ORDER BY nth) = 1
), people_seen AS (
  SELECT
    place, coalesce(added, false) AS added, coalesce(checkout, false) AS checkout, ordered.person IS NOT NULL AS bought,
    ordered.person IS NOT NULL AND ordered.channel <> viewed.channel AS elsewhere
  FROM viewed LEFT JOIN done USING (person) LEFT JOIN ordered USING (person)
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
