-- Models: whose choice a model is, secrets with grants, calls in progress, usage, budgets, troubles of providers.

-- Who chose the model: the platform may replace only what it chose itself (B19).
alter table workspaces add column model_origin text check (model_origin in ('customer', 'platform'));
update workspaces set model_origin = 'customer' where model is not null;

-- `platform`: written by the control plane, e.g. the provider pin (B9). A customer's is never overwritten (B11).
alter table secrets add column origin text not null default 'customer' check (origin in ('customer', 'platform'));

-- Which workspaces get a secret of the org. One of a workspace needs no grant.
create table secret_grants (
  secret_id     uuid not null references secrets on delete cascade,
  workspace_id  uuid not null references workspaces,
  granted_by    text not null,
  granted_at    timestamptz not null default now(),
  primary key (secret_id, workspace_id)
);
create index secret_grants_workspace on secret_grants (workspace_id);

-- A limit. Whole numbers in the smallest unit: millionths of a US dollar, tokens, turns, milliseconds.
create table budgets (
  id           uuid primary key,
  org_id       uuid not null references orgs,
  scope_kind   text not null check (scope_kind in ('org', 'subtree', 'workspace', 'task')),
  scope_id     uuid not null,
  unit         text not null check (unit in ('usd', 'tokens', 'turns', 'minutes')),
  limit_units  bigint not null check (limit_units >= 0),
  period       text not null check (period in ('hour', 'day', 'month', 'total')),
  mode         text not null check (mode in ('hard', 'soft')),
  created_by   text not null,
  created_at   timestamptz not null default now(),
  unique (org_id, scope_kind, scope_id, unit, period, mode)
);

-- What a budget has used in one period, and what calls and turns in progress hold of it. The row is the lock under which a reservation decides.
create table budget_spends (
  budget_id     uuid not null references budgets on delete cascade,
  period_start  timestamptz not null,
  spent         bigint not null default 0 check (spent >= 0),
  reserved      bigint not null default 0 check (reserved >= 0),
  warned_at     timestamptz,
  primary key (budget_id, period_start)
);

-- Processes that have calls in progress. One that is silent is dead: its calls are settled from what is known of them.
create table gateway_replicas (
  id       uuid primary key,
  seen_at  timestamptz not null,
  -- Number of the last batch that was taken in: a repeat of it changes nothing.
  batch    bigint not null default 0
);

-- Calls and turns in progress. A row exists from before the dispatch until its settlement removes it: removed once, settled once.
create table reservations (
  id              uuid primary key,
  org_id          uuid not null references orgs,
  workspace_id    uuid not null references workspaces,
  task_id         uuid references tasks,
  kind            text not null check (kind in ('call', 'turn')),
  -- The process that does the call; a turn belongs to the attempt instead.
  replica_id      uuid,
  attempt         int,
  provider        text not null,
  model           text not null,
  started_at      timestamptz not null,
  -- What is known so far: the input as estimated, then what the stream has shown.
  input_tokens    bigint not null default 0,
  output_tokens   bigint not null default 0,
  -- [{budget, period, amount}]
  holds           jsonb not null default '[]'
);
create index reservations_replica on reservations (replica_id) where replica_id is not null;
create unique index reservations_turn on reservations (task_id, attempt) where kind = 'turn';

-- What was used, by the hour.
create table usage (
  org_id              uuid not null references orgs,
  workspace_id        uuid not null references workspaces,
  task_id             uuid references tasks,
  provider            text not null,
  model               text not null,
  hour                timestamptz not null,
  input_tokens        bigint not null default 0,
  output_tokens       bigint not null default 0,
  cached_tokens       bigint not null default 0,
  cache_write_tokens  bigint not null default 0,
  reasoning_tokens    bigint not null default 0,
  requests            bigint not null default 0,
  estimated_requests  bigint not null default 0,
  failed_requests     bigint not null default 0,
  unpriced_requests   bigint not null default 0,
  cost_micro_usd      bigint not null default 0,
  turns               bigint not null default 0,
  turn_ms             bigint not null default 0,
  unique nulls not distinct (workspace_id, task_id, provider, model, hour)
);
create index usage_org on usage (org_id, hour);
create index usage_task on usage (task_id) where task_id is not null;

-- A provider refuses the credential, or its quota has ended. Looked at again until it is well. A workspace's row stands for its own key.
create table model_troubles (
  org_id        uuid not null references orgs,
  workspace_id  uuid references workspaces,
  provider      text not null,
  model         text not null,
  reason        text not null,
  message       text not null,
  since         timestamptz not null,
  next_check_at timestamptz not null,
  checks        int not null default 0,
  unique nulls not distinct (org_id, workspace_id, provider)
);

create function period_start(period text, moment timestamptz) returns timestamptz language sql immutable parallel safe as $$
  select case period when 'total' then timestamptz 'epoch' else date_trunc(period, moment at time zone 'UTC') at time zone 'UTC' end
$$;

-- The workspace and all above it.
create function workspace_line(workspace uuid) returns setof uuid language sql stable as $$
  with recursive line as (
    select id, parent_id, 1 as depth from workspaces where id = workspace
    union all
    select up.id, up.parent_id, line.depth + 1 from workspaces up join line on up.id = line.parent_id where line.depth < 1000
  )
  select id from line
$$;

-- The task and all from which it was delegated.
create function task_line(task uuid) returns setof uuid language sql stable as $$
  with recursive line as (
    select id, parent_task_id from tasks where id = task
    union all
    select up.id, up.parent_task_id from tasks up join line on up.id = line.parent_task_id
  )
  select id from line
$$;

-- Every budget that covers work of a workspace at a task (null = none).
create function budgets_over(org uuid, workspace uuid, task uuid) returns setof budgets language sql stable as $$
  select * from budgets b where b.org_id = org and (
    b.scope_kind = 'org'
    or (b.scope_kind = 'workspace' and b.scope_id = workspace)
    or (b.scope_kind = 'subtree' and b.scope_id in (select workspace_line(workspace)))
    or (b.scope_kind = 'task' and task is not null and b.scope_id in (select task_line(task))))
$$;

-- Reserves for one call or turn, in one statement: all of its budgets or none. Budgets are locked in the order of their ids, so two reservations
-- never wait for each other in a circle. A hard budget admits when what is left covers the hold; when nothing else is in progress, what is left is
-- held if it covers the need. Otherwise `verdict` says why not: `spent` (waiting cannot help within the period), `held` (calls in progress hold it),
-- `unpriced` (a money budget and a model without a price).
-- needs: {unit: {hold, need}}, an amount null = not known.
create function reserve(
  p_id uuid, p_kind text, p_org uuid, p_workspace uuid, p_task uuid, p_replica uuid, p_attempt int, p_provider text, p_model text, p_at timestamptz, p_input bigint, p_needs jsonb,
  out verdict text, out budget uuid, out left_units bigint
) language plpgsql as $$
declare
  b budgets;
  s budget_spends;
  v_hold bigint;
  v_need bigint;
  v_holds jsonb := '[]';
begin
  verdict := 'granted';
  -- A workspace works on one task at a time: its calls belong to that one.
  if p_task is null and p_kind = 'call' then select id into p_task from tasks where workspace_id = p_workspace and status = 'running'; end if;
  for b in select * from budgets_over(p_org, p_workspace, p_task) over_it where p_needs ? over_it.unit order by over_it.id loop
    insert into budget_spends (budget_id, period_start) values (b.id, period_start(b.period, p_at)) on conflict do nothing;
    select * into s from budget_spends x where x.budget_id = b.id and x.period_start = period_start(b.period, p_at) for update;
    v_hold := (p_needs -> b.unit ->> 'hold')::bigint;
    v_need := (p_needs -> b.unit ->> 'need')::bigint;
    if b.mode = 'hard' then
      budget := b.id;
      left_units := b.limit_units - s.spent;
      if v_hold is null then verdict := 'unpriced'; return; end if;
      if left_units < v_need then verdict := 'spent'; return; end if;
      if left_units - s.reserved < v_hold then
        -- A turn takes what there is, a call shares only with none.
        if p_kind = 'turn' and left_units - s.reserved >= v_need then v_hold := left_units - s.reserved;
        elsif s.reserved = 0 then v_hold := left_units;
        else verdict := 'held'; return; end if;
      end if;
    end if;
    v_holds := v_holds || jsonb_build_object('budget', b.id, 'period', s.period_start, 'unit', b.unit, 'amount', coalesce(v_hold, 0));
  end loop;
  update budget_spends t set reserved = t.reserved + h.amount
    from jsonb_to_recordset(v_holds) as h(budget uuid, period timestamptz, amount bigint) where t.budget_id = h.budget and t.period_start = h.period;
  insert into reservations (id, kind, org_id, workspace_id, task_id, replica_id, attempt, provider, model, started_at, input_tokens, holds)
    values (p_id, p_kind, p_org, p_workspace, p_task, p_replica, p_attempt, p_provider, p_model, p_at, p_input, v_holds);
  budget := null;
  -- What a turn holds of its minutes is all that it may take.
  select min((h ->> 'amount')::bigint) into left_units from jsonb_array_elements(v_holds) h join budgets x on x.id = (h ->> 'budget')::uuid where h ->> 'unit' = 'minutes' and x.mode = 'hard';
end $$;

-- Settles calls and turns: removes their reservations, adds their usage, gives their holds back and charges what was really used. Each exactly once:
-- an item whose reservation is gone changes nothing. Gives the budgets that passed their limit by it.
-- items: [{id, input, output, cached, cacheWrite, reasoning, cost (null = no price), requests, estimated, failed, turns, turnMs}], and for a call that was never noted besides
-- {orgId, workspaceId, provider, model, startedAt}.
create function settle(p_items jsonb, p_now timestamptz) returns table (budget uuid, org uuid, workspace uuid, mode text) language sql as $$
  with item as (
    select * from jsonb_to_recordset(p_items) as i(id uuid, input bigint, output bigint, cached bigint, "cacheWrite" bigint, reasoning bigint, cost bigint, requests bigint, estimated bigint,
      failed bigint, turns bigint, "turnMs" bigint, "orgId" uuid, "workspaceId" uuid, provider text, model text, "startedAt" timestamptz)
  ), gone as (
    delete from reservations r using item where r.id = item.id returning r.*
  ), settling as (
    select gone.*, period_start('hour', gone.started_at) as hour, item.input, item.output, item.cached, item."cacheWrite" as cache_write, item.reasoning, item.cost, item.requests, item.estimated,
      item.failed, item.turns, item."turnMs" as turn_ms
    from gone join item on item.id = gone.id
    union all
    -- Calls that were over before they were noted.
    select item.id, item."orgId", item."workspaceId", t.id, 'call', null, null, item.provider, item.model, item."startedAt", 0, 0, '[]', period_start('hour', item."startedAt"), item.input,
      item.output, item.cached, item."cacheWrite", item.reasoning, item.cost, item.requests, item.estimated, item.failed, item.turns, item."turnMs"
    from item left join tasks t on t.workspace_id = item."workspaceId" and t.status = 'running' where item."orgId" is not null
  ), used as (
    insert into usage as u (org_id, workspace_id, task_id, provider, model, hour, input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, requests, estimated_requests,
        failed_requests, unpriced_requests, cost_micro_usd, turns, turn_ms)
      select org_id, workspace_id, task_id, provider, model, hour, sum(input), sum(output), sum(cached), sum(cache_write), sum(reasoning), sum(requests),
        sum(estimated), sum(failed), sum(case when cost is null then requests else 0 end), sum(coalesce(cost, 0)), sum(turns), sum(turn_ms)
      from settling group by org_id, workspace_id, task_id, provider, model, hour order by workspace_id, task_id, provider, model, hour
      on conflict (workspace_id, task_id, provider, model, hour) do update set
        input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens, cached_tokens = u.cached_tokens + excluded.cached_tokens,
        cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, requests = u.requests + excluded.requests,
        estimated_requests = u.estimated_requests + excluded.estimated_requests, failed_requests = u.failed_requests + excluded.failed_requests,
        unpriced_requests = u.unpriced_requests + excluded.unpriced_requests, cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, turns = u.turns + excluded.turns,
        turn_ms = u.turn_ms + excluded.turn_ms
  ), charge as (
    select b.id as budget_id, period_start(b.period, s.started_at) as period, (array_agg(s.workspace_id))[1] as workspace_id,
      sum(case b.unit when 'tokens' then s.input + s.output when 'usd' then coalesce(s.cost, 0) when 'turns' then s.turns else s.turn_ms end) as amount
    from settling s, lateral budgets_over(s.org_id, s.workspace_id, s.task_id) b group by 1, 2
  ), release as (
    select (h ->> 'budget')::uuid as budget_id, (h ->> 'period')::timestamptz as period, sum((h ->> 'amount')::bigint) as amount
    from settling s, jsonb_array_elements(s.holds) h group by 1, 2
  ), change as (
    select b.id as budget_id, coalesce(c.period, r.period) as period, c.workspace_id, coalesce(c.amount, 0)::bigint as charged, coalesce(r.amount, 0)::bigint as released, b.limit_units
    from charge c full join release r on r.budget_id = c.budget_id and r.period = c.period join budgets b on b.id = coalesce(c.budget_id, r.budget_id)
  ), kept as (
    insert into budget_spends as t (budget_id, period_start, spent, warned_at)
      select budget_id, period, charged, case when charged > 0 and charged >= limit_units then p_now end from change order by budget_id, period
    on conflict (budget_id, period_start) do update set spent = t.spent + excluded.spent,
      reserved = greatest(0, t.reserved - (select released from change where change.budget_id = t.budget_id and change.period = t.period_start)),
      warned_at = coalesce(t.warned_at, (select p_now from change where change.budget_id = t.budget_id and change.period = t.period_start and charged > 0 and t.spent + charged >= limit_units))
    returning t.budget_id, t.period_start, t.spent
  )
  select b.id, b.org_id, change.workspace_id, b.mode
  from kept join change on change.budget_id = kept.budget_id and change.period = kept.period_start join budgets b on b.id = kept.budget_id
  where kept.spent >= change.limit_units and kept.spent - change.charged < change.limit_units
$$;

-- One batch of a gateway process: its sign of life, calls that began (notes, see `OpenCall`) and calls that ended (items, see `settle`). A batch is taken in once, so that one whose
-- answer was lost on the way can be sent again.
create function write_calls(p_replica uuid, p_batch bigint, p_notes jsonb, p_items jsonb, p_now timestamptz) returns table (budget uuid, org uuid, workspace uuid, mode text) language plpgsql as $$
begin
  insert into gateway_replicas as g (id, seen_at, batch) values (p_replica, p_now, p_batch) on conflict (id) do update set seen_at = p_now, batch = p_batch where g.batch < p_batch;
  if not found then return; end if;
  if jsonb_array_length(p_notes) > 0 then
    insert into reservations (id, kind, org_id, workspace_id, task_id, replica_id, provider, model, started_at, input_tokens)
      select c.id, 'call', c."orgId", c."workspaceId", t.id, p_replica, c.provider, c.model, c."startedAt", c."inputTokens"
      from jsonb_to_recordset(p_notes) as c(id uuid, "orgId" uuid, "workspaceId" uuid, provider text, model text, "startedAt" timestamptz, "inputTokens" bigint)
      left join tasks t on t.workspace_id = c."workspaceId" and t.status = 'running';
  end if;
  if jsonb_array_length(p_items) > 0 then return query select * from settle(p_items, p_now); end if;
end $$;
