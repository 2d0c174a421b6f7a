"""From wide event lines to the shop's tables, as SQL.

Belongs here: which rows follow from which lines. Not here: running it (load.py).

What the lines do not tell (names, addresses, devices, channels, stock) is made up from the ids, the
same in every database. Nothing that is there already is changed.
"""

from __future__ import annotations

STAGE = """
CREATE TEMPORARY TABLE staged (
    event_time timestamptz, event_type shop.event_type, product_id bigint, category_id bigint,
    category_code text, brand text, price numeric(12, 2), user_id bigint, user_session uuid
) ON COMMIT DROP;

-- A number from 0 to choices - 1 that depends on nothing but its name; md5 is the same everywhere.
CREATE FUNCTION pg_temp.draw(name text, choices int) RETURNS int IMMUTABLE LANGUAGE sql AS
    $$ SELECT ((('x' || substr(md5(name), 1, 8))::bit(32)::bigint & 2147483647) % choices)::int $$;

-- The id of a category that is only above others: below those of the source, which begin at 2e18.
CREATE FUNCTION pg_temp.path_id(path text) RETURNS bigint IMMUTABLE LANGUAGE sql AS
    $$ SELECT ('x0' || substr(md5(path), 1, 15))::bit(64)::bigint $$;
"""

COPY = "COPY staged FROM STDIN (FORMAT csv, HEADER true)"

_BRANDS = """
INSERT INTO shop.brands (brand_name)
SELECT DISTINCT brand FROM staged WHERE brand IS NOT NULL ORDER BY brand
ON CONFLICT (brand_name) DO NOTHING
"""

# electronics.audio.headphone: its own row, and above it electronics.audio and electronics.
_CATEGORIES_ABOVE = """
WITH codes AS (SELECT DISTINCT string_to_array(category_code, '.') AS parts FROM staged),
above AS (
    SELECT DISTINCT parts[1:depth] AS parts
    FROM codes, generate_series(1, cardinality(parts) - 1) AS depth
)
INSERT INTO shop.categories (category_id, category_name, parent_id)
SELECT pg_temp.path_id(array_to_string(parts, '.')), parts[cardinality(parts)],
    CASE WHEN cardinality(parts) > 1
        THEN pg_temp.path_id(array_to_string(parts[1:cardinality(parts) - 1], '.')) END
FROM above ORDER BY cardinality(parts), parts
ON CONFLICT (category_id) DO NOTHING
"""

_CATEGORIES = """
WITH codes AS (
    SELECT DISTINCT ON (category_id) category_id, string_to_array(category_code, '.') AS parts
    FROM staged ORDER BY category_id, event_time DESC, category_code
)
INSERT INTO shop.categories (category_id, category_name, parent_id)
SELECT category_id, parts[cardinality(parts)],
    CASE WHEN cardinality(parts) > 1
        THEN pg_temp.path_id(array_to_string(parts[1:cardinality(parts) - 1], '.')) END
FROM codes ORDER BY category_id
ON CONFLICT (category_id) DO NOTHING
"""

_PRODUCTS = """
WITH latest AS (
    SELECT DISTINCT ON (product_id) product_id, brand, category_id, category_code, price
    FROM staged ORDER BY product_id, event_time DESC, price, brand, category_id
)
INSERT INTO shop.products (product_id, name, brand_id, category_id, price, stock)
SELECT product_id,
    concat_ws(' ', initcap(latest.brand),
        replace(split_part(latest.category_code, '.', -1), '_', ' '), product_id),
    brand_id, category_id, price, pg_temp.draw('stock ' || product_id, 500)
FROM latest LEFT JOIN shop.brands ON brands.brand_name = latest.brand ORDER BY product_id
ON CONFLICT (product_id) DO NOTHING
"""

_USERS = """
WITH seen AS (SELECT user_id, min(event_time) AS first_at FROM staged GROUP BY user_id)
INSERT INTO shop.users (user_id, name, email, created_at)
SELECT user_id,
    (ARRAY['Ada','Ben','Chloe','Dmitri','Elif','Farid','Greta','Hugo','Ines','Jonas','Kira','Li'])
        [1 + pg_temp.draw('first ' || user_id, 12)] || ' ' ||
    (ARRAY['Abel','Brandt','Costa','Dubois','Eriksen','Fischer','Garcia','Haddad','Ivanova','Kim'])
        [1 + pg_temp.draw('last ' || user_id, 10)],
    'user' || user_id || '@example.com',
    (first_at AT TIME ZONE 'UTC') - pg_temp.draw('since ' || user_id, 1000) * interval '1 day'
FROM seen ORDER BY user_id
ON CONFLICT (user_id) DO NOTHING
"""

_SESSIONS = """
WITH seen AS (
    SELECT user_session, user_id, min(event_time) AS started_at
    FROM staged WHERE user_session IS NOT NULL GROUP BY user_session, user_id
)
INSERT INTO shop.sessions (session_id, user_id, device_type, channel, started_at)
SELECT user_session, user_id,
    (ARRAY['mobile','mobile','mobile','desktop','desktop','tablet'])
        [1 + pg_temp.draw('device ' || user_session, 6)],
    (ARRAY['direct','organic_search','organic_search','paid_search','email','social','affiliate'])
        [1 + pg_temp.draw('channel ' || user_session, 7)],
    started_at AT TIME ZONE 'UTC'
FROM seen ORDER BY started_at, user_session, user_id
ON CONFLICT (session_id, user_id) DO NOTHING
"""

_EVENTS = """
WITH distinct_events AS (
    SELECT DISTINCT event_time, event_type, product_id, price, user_id, user_session FROM staged
)
INSERT INTO shop.events (session_id, user_id, product_id, event_type, event_time, price)
SELECT user_session, user_id, product_id, event_type, event_time AT TIME ZONE 'UTC', price
FROM distinct_events
ORDER BY event_time, user_id, user_session, product_id, event_type, price
ON CONFLICT DO NOTHING
"""

# In the order of their foreign keys.
FILL = (
    ("brands", _BRANDS),
    ("categories", _CATEGORIES_ABOVE),
    ("categories", _CATEGORIES),
    ("products", _PRODUCTS),
    ("users", _USERS),
    ("sessions", _SESSIONS),
    ("events", _EVENTS),
)
