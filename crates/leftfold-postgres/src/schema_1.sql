-- Texts are compared byte by byte, as the kit compares them. Contents are json and not jsonb, which refuses \u0000 and
-- changes -0.0: what is written comes back byte for byte.

create table {schema}.head (
    only_row boolean primary key default true check (only_row),
    position bigint not null
) with (fillfactor = 50);
insert into {schema}.head (position) values (0);

create table {schema}.events (
    position bigint primary key,
    stream text collate "C" not null,
    category text collate "C" not null,
    version bigint not null,
    type text collate "C" not null,
    schema bigint not null,
    -- When it was recorded: timestamptz has microseconds only.
    seconds bigint not null,
    nanoseconds integer not null,
    id text collate "C" not null unique,
    tags text[] collate "C",
    meta json,
    data json,
    -- The batch it was recorded in.
    batch_first bigint not null,
    batch_count bigint not null
);
create index events_of_stream on {schema}.events (stream, version, position);
create index events_of_category on {schema}.events (category, position);
create index events_of_type on {schema}.events (type, position);

create table {schema}.tags (
    tag text collate "C" not null,
    position bigint not null,
    primary key (tag, position)
);

create table {schema}.streams (
    name text collate "C" primary key,
    category text collate "C" not null,
    version bigint not null,
    deleted boolean not null,
    first bigint,
    last bigint,
    meta json
) with (fillfactor = 70);
create index streams_of_category on {schema}.streams (category, name);

-- The last event after a position that matches one of these items, or null.
create function {schema}.last_match(items json, after bigint) returns bigint language plpgsql as $$
declare
    item json;
    streams text[];
    categories text[];
    types text[];
    wanted text[];
    one text;
    best bigint := after;
    found_at bigint;
begin
    for item in select i.value from json_array_elements(items) i loop
        streams := array(select json_array_elements_text(item->'streams'));
        categories := array(select json_array_elements_text(item->'categories'));
        types := array(select json_array_elements_text(item->'types'));
        wanted := array(select json_array_elements_text(item->'tags'));
        if cardinality(wanted) > 0 then
            select t.position into found_at from {schema}.tags t join {schema}.events e on e.position = t.position
                where t.tag = wanted[1] and t.position > best
                    and (cardinality(wanted) = 1 or e.tags @> wanted)
                    and (cardinality(types) = 0 or array_position(types, e.type) is not null)
                    and (cardinality(streams) + cardinality(categories) = 0
                        or array_position(streams, e.stream) is not null
                        or array_position(categories, e.category) is not null)
                order by t.position desc limit 1;
            best := coalesce(found_at, best);
        elsif cardinality(streams) + cardinality(categories) > 0 then
            foreach one in array streams loop
                select e.position into found_at from {schema}.events e
                    where e.stream = one and e.position > best
                        and case when cardinality(types) = 0 then e.type <> '$described'
                            else array_position(types, e.type) is not null end
                    order by e.version desc, e.position desc limit 1;
                best := coalesce(found_at, best);
            end loop;
            foreach one in array categories loop
                select e.position into found_at from {schema}.events e
                    where e.category = one and e.position > best
                        and case when cardinality(types) = 0 then e.type <> '$described'
                            else array_position(types, e.type) is not null end
                    order by e.position desc limit 1;
                best := coalesce(found_at, best);
            end loop;
        elsif cardinality(types) > 0 then
            foreach one in array types loop
                select e.position into found_at from {schema}.events e
                    where e.type = one and e.position > best order by e.position desc limit 1;
                best := coalesce(found_at, best);
            end loop;
        else
            select e.position into found_at from {schema}.events e
                where e.position > best and e.type <> '$described' order by e.position desc limit 1;
            best := coalesce(found_at, best);
        end if;
    end loop;
    return nullif(best, after);
end $$;

-- Appends a group of batches, each whole or not at all, and answers each: 0 recorded, 1 a condition does not hold, 2 an id
-- of it is recorded. What a batch has several of lies in one array after the other; counts say how many are whose.
create function {schema}.append(
    -- Whether ids are looked for before anything else: a batch may be recorded already.
    look boolean,
    writes integer[], names integer[], expectations integer[], tagged boolean[], plain boolean[], queries text[],
    of_second bigint[], of_nanosecond integer[],
    -- Of each write.
    w_type text[], w_schema bigint[], w_id text[], w_data text[],
    -- Of each write of a batch that is not plain.
    w_stream text[], w_name integer[], w_offset bigint[], w_tags text[], w_meta text[],
    -- Of each stream that the batch writes to or expects something of.
    n_name text[], n_added bigint[], n_first bigint[], n_last bigint[], n_deleted boolean[], n_meta text[], n_written boolean[],
    -- Of each expectation: its stream, what is expected (-1 not deleted, -2 no stream, -3 has events), its place.
    x_name integer[], x_expected bigint[], x_place integer[]
) returns table (
    outcome integer, place integer, first bigint, versions bigint[], was_deleted boolean, type text, stream text, head bigint
) language plpgsql as $$
declare
    began bigint;
    now_at bigint;
    r integer;
    i integer;
    w0 integer; w1 integer := 0;
    f0 integer; f1 integer := 0;
    n0 integer; n1 integer := 0;
    x0 integer; x1 integer := 0;
    deleted boolean[];
    version bigint;
    is_deleted boolean;
    expected bigint;
    query record;
    found_at bigint;
begin
    select h.position into began from {schema}.head h for update;
    now_at := began;
    for r in 1 .. cardinality(writes) loop
        w0 := w1 + 1; w1 := w1 + writes[r];
        n0 := n1 + 1; n1 := n1 + names[r];
        x0 := x1 + 1; x1 := x1 + expectations[r];
        if not plain[r] then
            f0 := f1 + 1; f1 := f1 + writes[r];
        end if;
        outcome := 0; place := null; type := null; stream := null; was_deleted := null; head := now_at; first := now_at + 1;
        if n0 = n1 then
            select s.version, s.deleted into version, is_deleted from {schema}.streams s where s.name = n_name[n0];
            versions := array[coalesce(version, 0)];
            deleted := array[coalesce(is_deleted, false)];
        else
            select array_agg(coalesce(s.version, 0) order by u.n), array_agg(coalesce(s.deleted, false) order by u.n)
                into versions, deleted
                from unnest(n_name[n0:n1]) with ordinality u(name, n) left join {schema}.streams s on s.name = u.name;
        end if;

        for i in x0 .. x1 loop
            version := versions[x_name[i]];
            is_deleted := deleted[x_name[i]];
            expected := x_expected[i];
            if not (case when expected >= 0 then version = expected
                        when expected = -1 then not is_deleted
                        when expected = -2 then version = 0
                        else version > 0 and not is_deleted end) then
                outcome := 1; place := x_place[i]; first := version; was_deleted := is_deleted;
                exit;
            end if;
        end loop;
        if queries[r] is not null then
            for query in
                select (q.value->>'place')::integer as at, (q.value->>'after')::bigint as after, q.value->'items' as items
                from json_array_elements(queries[r]::json) q
            loop
                exit when query.at > place;
                found_at := {schema}.last_match(query.items, query.after);
                if found_at is not null then
                    outcome := 1; place := query.at; was_deleted := null;
                    select e.position, e.type, e.stream into first, type, stream
                        from {schema}.events e where e.position = found_at;
                    exit;
                end if;
            end loop;
        end if;

        -- What is recorded already is answered, whatever its conditions say.
        if look or outcome = 1 then
            select u.n, e.position into i, found_at
                from unnest(w_id[w0:w1]) with ordinality u(id, n) join {schema}.events e on e.id = u.id
                order by u.n limit 1;
            if found then
                outcome := 2; place := i; first := found_at;
            end if;
        end if;
        if outcome <> 0 then
            return next;
            continue;
        end if;

        if plain[r] then
            -- Events of one stream and one schema, without tags and metadata: less is taken apart.
            version := versions[1];
            insert into {schema}.events (position, stream, category, version, type, schema, seconds, nanoseconds, id, data,
                    batch_first, batch_count)
                select now_at + u.n, n_name[n0], split_part(n_name[n0], '-', 1), version + u.n, u.type, w_schema[w0],
                    of_second[r], of_nanosecond[r], u.id, u.data::json, now_at + 1, writes[r]
                from unnest(w_type[w0:w1], w_id[w0:w1], w_data[w0:w1]) with ordinality u(type, id, data, n);
            insert into {schema}.streams as s (name, category, version, deleted, first, last)
                values (n_name[n0], split_part(n_name[n0], '-', 1), version + writes[r], false, now_at + 1, now_at + writes[r])
                on conflict (name) do update set version = excluded.version, deleted = false,
                    first = coalesce(s.first, excluded.first), last = excluded.last;
        else
            insert into {schema}.events (position, stream, category, version, type, schema, seconds, nanoseconds, id, tags,
                    meta, data, batch_first, batch_count)
                select now_at + u.n, u.stream, split_part(u.stream, '-', 1), versions[u.name] + u.step, u.type, u.schema,
                    of_second[r], of_nanosecond[r], u.id, string_to_array(u.tags, E'\n'), u.meta::json, u.data::json,
                    now_at + 1, writes[r]
                from unnest(w_stream[f0:f1], w_type[w0:w1], w_schema[w0:w1], w_id[w0:w1], w_name[f0:f1], w_offset[f0:f1],
                    w_tags[f0:f1], w_meta[f0:f1], w_data[w0:w1])
                    with ordinality u(stream, type, schema, id, name, step, tags, meta, data, n);
            if tagged[r] then
                insert into {schema}.tags (tag, position)
                    select t.tag, now_at + u.n from unnest(w_tags[f0:f1]) with ordinality u(tags, n)
                        cross join lateral unnest(string_to_array(u.tags, E'\n')) t(tag)
                    on conflict do nothing;
            end if;
            insert into {schema}.streams as s (name, category, version, deleted, first, last, meta)
                select u.name, split_part(u.name, '-', 1), versions[u.n] + u.added, coalesce(u.deleted, false),
                    now_at + u.first, now_at + u.last, u.meta::json
                from unnest(n_name[n0:n1], n_added[n0:n1], n_first[n0:n1], n_last[n0:n1], n_deleted[n0:n1], n_meta[n0:n1],
                    n_written[n0:n1]) with ordinality u(name, added, first, last, deleted, meta, written, n)
                where u.written
                on conflict (name) do update set
                    version = excluded.version,
                    deleted = case when excluded.last is null then s.deleted else excluded.deleted end,
                    first = coalesce(s.first, excluded.first),
                    last = coalesce(excluded.last, s.last),
                    meta = coalesce(excluded.meta, s.meta);
        end if;
        now_at := now_at + writes[r];
        return next;
    end loop;
    if now_at > began then
        update {schema}.head set position = now_at;
        perform pg_notify('{schema}', now_at::text);
    end if;
end $$;

create table {schema}.snapshots (
    name text collate "C" not null,
    stream text collate "C" not null,
    revision bigint not null,
    version bigint not null,
    event text collate "C" not null,
    state json not null,
    primary key (name, stream)
);

create table {schema}.read_models (
    name text collate "C" primary key,
    checkpoint json not null
);
