-- A stand-in for contrib/pgcrypto in plain SQL. digest, hmac, gen_random_bytes and gen_random_uuid give what
-- the original gives; crypt is consistent with itself and with gen_salt, but its hashes are not the original's;
-- encryption and PGP exist with their signatures and fail when called.
\echo Use "CREATE EXTENSION pgcrypto" to load this file. \quit

CREATE FUNCTION @extschema@.pgcrypto_sha1(message bytea) RETURNS bytea
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

CREATE FUNCTION @extschema@.digest(data bytea, type text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  hash CONSTANT bytea := CASE lower(type)
    WHEN 'md5' THEN decode(md5(data), 'hex')
    WHEN 'sha1' THEN @extschema@.pgcrypto_sha1(data)
    WHEN 'sha224' THEN sha224(data)
    WHEN 'sha256' THEN sha256(data)
    WHEN 'sha384' THEN sha384(data)
    WHEN 'sha512' THEN sha512(data)
  END;
BEGIN
  IF hash IS NULL THEN
    RAISE EXCEPTION 'Cannot use "%": No such hash algorithm', type USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN hash;
END $body$;

CREATE FUNCTION @extschema@.digest(data text, type text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT @extschema@.digest(pg_catalog.convert_to(data, 'UTF8'), type)$$;

CREATE FUNCTION @extschema@.hmac(data bytea, key bytea, type text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
-- RFC 2104.
DECLARE
  size CONSTANT int := CASE WHEN lower(type) IN ('sha384', 'sha512') THEN 128 ELSE 64 END;
  short bytea := CASE WHEN length(key) > size THEN @extschema@.digest(key, type) ELSE key END;
  inner_pad bytea; outer_pad bytea;
BEGIN
  short := short || decode(repeat('00', size - length(short)), 'hex');
  inner_pad := short;
  outer_pad := short;
  FOR i IN 0 .. size - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(short, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(short, i) # 92);
  END LOOP;
  RETURN @extschema@.digest(outer_pad || @extschema@.digest(inner_pad || data, type), type);
END $body$;

CREATE FUNCTION @extschema@.hmac(data text, key text, type text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT @extschema@.hmac(pg_catalog.convert_to(data, 'UTF8'), pg_catalog.convert_to(key, 'UTF8'), type)$$;

CREATE FUNCTION @extschema@.gen_random_uuid() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$SELECT pg_catalog.gen_random_uuid()$$;

CREATE FUNCTION @extschema@.gen_random_bytes(count int4) RETURNS bytea
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
-- Each 32 bytes are the hash of three strong random UUIDs (366 random bits).
DECLARE
  collected bytea := '';
BEGIN
  IF count < 1 OR count > 1024 THEN
    RAISE EXCEPTION 'Length not in range' USING ERRCODE = 'external_routine_invocation_exception';
  END IF;
  WHILE length(collected) < count LOOP
    collected := collected || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                                     || uuid_send(gen_random_uuid()));
  END LOOP;
  RETURN substr(collected, 1, count);
END $body$;

CREATE FUNCTION @extschema@.pgcrypto_letters(hash bytea, count int) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT string_agg(substr('./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
                           (get_byte(hash, i) & 63) + 1, 1), '' ORDER BY i)
  FROM generate_series(0, count - 1) AS i
$$;

CREATE FUNCTION @extschema@.gen_salt(type text, rounds int4) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  random CONSTANT bytea := @extschema@.gen_random_bytes(32);
BEGIN
  IF lower(type) = 'bf' AND (rounds = 0 OR rounds BETWEEN 4 AND 31) THEN
    RETURN '$2a$' || lpad(coalesce(nullif(rounds, 0), 6)::text, 2, '0') || '$' || @extschema@.pgcrypto_letters(random, 22);
  ELSIF lower(type) = 'md5' AND rounds IN (0, 1000) THEN
    RETURN '$1$' || @extschema@.pgcrypto_letters(random, 8);
  ELSIF lower(type) = 'xdes' AND (rounds = 0 OR rounds BETWEEN 1 AND 16777215 AND rounds % 2 = 1) THEN
    RETURN '_J9..' || @extschema@.pgcrypto_letters(random, 4);
  ELSIF lower(type) = 'des' AND rounds IN (0, 25) THEN
    RETURN @extschema@.pgcrypto_letters(random, 2);
  ELSIF lower(type) IN ('bf', 'md5', 'xdes', 'des') THEN
    RAISE EXCEPTION 'gen_salt: Incorrect number of rounds' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RAISE EXCEPTION 'gen_salt: Unknown salt algorithm' USING ERRCODE = 'invalid_parameter_value';
END $body$;

CREATE FUNCTION @extschema@.gen_salt(type text) RETURNS text
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE AS $$SELECT @extschema@.gen_salt(type, 0)$$;

CREATE FUNCTION @extschema@.crypt(password text, salt text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $body$
DECLARE
  shape CONSTANT text[] := CASE
    WHEN salt ~ '^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{22}' THEN ARRAY[left(salt, 29), '', '31']
    WHEN salt ~ '^\$1\$[^$]{1,8}' THEN ARRAY[substring(salt FROM '^\$1\$[^$]{1,8}'), '$', '22']
    WHEN salt ~ '^_[./A-Za-z0-9]{8}' THEN ARRAY[left(salt, 9), '', '11']
    WHEN salt ~ '^[./A-Za-z0-9]{2}' THEN ARRAY[left(salt, 2), '', '11']
  END;
BEGIN
  IF shape IS NULL THEN
    RAISE EXCEPTION 'invalid salt' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN shape[1] || shape[2]
    || @extschema@.pgcrypto_letters(sha512(convert_to(shape[1] || password, 'UTF8')), shape[3]::int);
END $body$;
COMMENT ON FUNCTION @extschema@.crypt(text, text) IS 'stand-in: its hashes are not those of pgcrypto';

CREATE FUNCTION @extschema@.encrypt(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'encrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.decrypt(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'encrypt_iv is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'decrypt_iv is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_encrypt(text, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_encrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_encrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_decrypt(bytea, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_decrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_encrypt(text, bytea) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_encrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_encrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_encrypt(text, text, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_encrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_encrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_decrypt(bytea, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_sym_decrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_encrypt(text, bytea, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_encrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql VOLATILE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_encrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt(bytea, bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt(bytea, bytea, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_pub_decrypt_bytea is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_key_id(bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_key_id is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.armor(bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'armor is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.armor(bytea, text[], text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'armor is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.dearmor(text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'dearmor is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;

CREATE FUNCTION @extschema@.pgp_armor_headers(text, key OUT text, value OUT text) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$BEGIN
  RAISE EXCEPTION 'pgp_armor_headers is not part of this stand-in for pgcrypto' USING ERRCODE = 'feature_not_supported';
END$$;
