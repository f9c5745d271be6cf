-- A stand-in for contrib/uuid-ossp in plain SQL: the same functions with the same results.
\echo Use "CREATE EXTENSION "uuid-ossp"" to load this file. \quit

CREATE FUNCTION @extschema@.uuid_ossp_sha1(message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
-- SHA-1 (FIPS 180-4, 6.1) in 32-bit words held in bigint: PostgreSQL has no such function of its own.
DECLARE
  word_mask CONSTANT bigint := 4294967295;
  bits CONSTANT bigint := length(message)::bigint * 8;
  padded bytea := message || '\x80'::bytea
    || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex') || int8send(bits);
  h0 bigint := 1732584193; h1 bigint := 4023233417; h2 bigint := 2562383102;
  h3 bigint := 271733878;  h4 bigint := 3285377520;
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; x bigint;
  w bigint[];
BEGIN
  FOR block IN 0 .. length(padded) / 64 - 1 LOOP
    w := array_fill(0::bigint, ARRAY[80]);
    FOR t IN 1 .. 16 LOOP
      x := block * 64 + (t - 1) * 4;
      w[t] := (get_byte(padded, x::int)::bigint << 24) | (get_byte(padded, x::int + 1) << 16)
            | (get_byte(padded, x::int + 2) << 8) | get_byte(padded, x::int + 3);
    END LOOP;
    FOR t IN 17 .. 80 LOOP
      x := w[t - 3] # w[t - 8] # w[t - 14] # w[t - 16];
      w[t] := ((x << 1) | (x >> 31)) & word_mask;
    END LOOP;
    a := h0; b := h1; c := h2; d := h3; e := h4;
    FOR t IN 1 .. 80 LOOP
      IF t <= 20 THEN f := (b & c) | ((~b & word_mask) & d); k := 1518500249;
      ELSIF t <= 40 THEN f := b # c # d; k := 1859775393;
      ELSIF t <= 60 THEN f := (b & c) | (b & d) | (c & d); k := 2400959708;
      ELSE f := b # c # d; k := 3395469782;
      END IF;
      x := ((((a << 5) | (a >> 27)) & word_mask) + f + e + k + w[t]) & word_mask;
      e := d; d := c; c := ((b << 30) | (b >> 2)) & word_mask; b := a; a := x;
    END LOOP;
    h0 := (h0 + a) & word_mask; h1 := (h1 + b) & word_mask; h2 := (h2 + c) & word_mask;
    h3 := (h3 + d) & word_mask; h4 := (h4 + e) & word_mask;
  END LOOP;
  RETURN decode(lpad(to_hex(h0), 8, '0') || lpad(to_hex(h1), 8, '0') || lpad(to_hex(h2), 8, '0')
             || lpad(to_hex(h3), 8, '0') || lpad(to_hex(h4), 8, '0'), 'hex');
END $body$;

CREATE FUNCTION @extschema@.uuid_nil() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT '00000000-0000-0000-0000-000000000000'::pg_catalog.uuid$$;

CREATE FUNCTION @extschema@.uuid_ns_dns() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::pg_catalog.uuid$$;

CREATE FUNCTION @extschema@.uuid_ns_url() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::pg_catalog.uuid$$;

CREATE FUNCTION @extschema@.uuid_ns_oid() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::pg_catalog.uuid$$;

CREATE FUNCTION @extschema@.uuid_ns_x500() RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$SELECT '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::pg_catalog.uuid$$;

CREATE FUNCTION @extschema@.uuid_generate_v1mc() RETURNS uuid
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
-- RFC 9562, 5.1: 100 ns ticks since 1582-10-15, a random clock sequence and a random multicast node.
DECLARE
  ticks CONSTANT text := lpad(to_hex((extract(epoch FROM clock_timestamp()) * 10000000)::bigint
                                     + 122192928000000000), 16, '0');
  random CONSTANT bytea := sha256(uuid_send(gen_random_uuid()));
BEGIN
  RETURN (right(ticks, 8) || substr(ticks, 5, 4) || '1' || substr(ticks, 2, 3)
          || encode(set_byte(substr(random, 1, 2), 0, get_byte(random, 0) & 63 | 128), 'hex')
          || encode(set_byte(substr(random, 3, 6), 0, get_byte(random, 2) | 3), 'hex'))::uuid;
END $body$;

-- Without a network card's address at hand a random node is what the RFC asks for.
CREATE FUNCTION @extschema@.uuid_generate_v1() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS $$SELECT @extschema@.uuid_generate_v1mc()$$;

CREATE FUNCTION @extschema@.uuid_generate_v4() RETURNS uuid
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS $$SELECT pg_catalog.gen_random_uuid()$$;

CREATE FUNCTION @extschema@.uuid_generate_v3(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  hash bytea := substr(pg_catalog.decode(pg_catalog.md5(pg_catalog.uuid_send(namespace) || pg_catalog.convert_to(name, 'UTF8')), 'hex'), 1, 16);
BEGIN
  hash := set_byte(hash, 6, get_byte(hash, 6) & 15 | 48);
  hash := set_byte(hash, 8, get_byte(hash, 8) & 63 | 128);
  RETURN encode(hash, 'hex')::uuid;
END $body$;

CREATE FUNCTION @extschema@.uuid_generate_v5(namespace uuid, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  hash bytea := substr(@extschema@.uuid_ossp_sha1(pg_catalog.uuid_send(namespace) || pg_catalog.convert_to(name, 'UTF8')), 1, 16);
BEGIN
  hash := set_byte(hash, 6, get_byte(hash, 6) & 15 | 80);
  hash := set_byte(hash, 8, get_byte(hash, 8) & 63 | 128);
  RETURN encode(hash, 'hex')::uuid;
END $body$;
