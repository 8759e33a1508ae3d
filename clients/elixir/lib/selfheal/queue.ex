defmodule Selfheal.Queue do
  @moduledoc """
  A bounded queue of events. Events over the limit are dropped and counted. An event stays in the queue until the server
  answers that it is durable; while the server is down, the only cost for the application is the memory of these events.
  """
  use GenServer

  alias Selfheal.{Json, Request}

  @max_pending 1_000
  @max_batch 50
  @first_backoff_ms 500
  @longest_backoff_ms 30_000
  # Two reports of one process within this time count as one.
  @same_crash_ms 5_000

  @counters %{pending: 1, acked: 2, dropped: 3, rejected: 4}

  def start_link(settings), do: GenServer.start_link(__MODULE__, settings, name: __MODULE__)

  @doc "Queues an event. Returns false when the client is off or the queue is full."
  def push(event) do
    case counters() do
      nil ->
        false

      counters ->
        max = :persistent_term.get({__MODULE__, :max})

        # Counted before the cast, so that a crash loop cannot fill the mailbox either.
        if :counters.get(counters, @counters.pending) >= max do
          :counters.add(counters, @counters.dropped, 1)
          false
        else
          :counters.add(counters, @counters.pending, 1)
          GenServer.cast(__MODULE__, {:push, event})
          true
        end
    end
  end

  @doc "Whether this is the first report of the crash of a process. Records the report."
  def first_report?(pid) when is_pid(pid) do
    now = System.monotonic_time(:millisecond)
    :ets.select_delete(__MODULE__, [{{:_, :"$1"}, [{:<, :"$1", now - @same_crash_ms}], [true]}])
    :ets.insert_new(__MODULE__, {pid, now})
  rescue
    ArgumentError -> true
  end

  def first_report?(_pid), do: true

  @doc "See `Selfheal.flush/1`."
  def flush(timeout_ms) do
    GenServer.call(__MODULE__, :flush, timeout_ms)
  catch
    :exit, _ -> :timeout
  end

  @doc "See `Selfheal.stats/0`. All counters are 0 when the client is off."
  def stats do
    counters = counters()
    Map.new(@counters, fn {name, index} -> {name, if(counters, do: :counters.get(counters, index), else: 0)} end)
  end

  @impl true
  def init(settings) do
    Process.flag(:trap_exit, true)
    :ets.new(__MODULE__, [:named_table, :public, write_concurrency: true])
    :persistent_term.put({__MODULE__, :max}, Keyword.get(settings, :max_pending, @max_pending))
    :persistent_term.put({__MODULE__, :counters}, :counters.new(map_size(@counters), [:write_concurrency]))

    {:ok,
     %{
       server: Request.server(settings),
       events: :queue.new(),
       backoff_ms: @first_backoff_ms,
       most: @max_batch,
       flushing: [],
       timer: nil,
       warned: false
     }}
  end

  @impl true
  def handle_cast({:push, event}, state),
    do: {:noreply, wake(%{state | events: :queue.in(event, state.events)}, 0)}

  @impl true
  def handle_call(:flush, from, state) do
    if :queue.is_empty(state.events),
      do: {:reply, :ok, state},
      else: {:noreply, wake(cancel(%{state | flushing: [from | state.flushing]}), 0)}
  end

  @impl true
  def handle_info(:send, state) do
    state = %{state | timer: nil}
    batch = state.events |> :queue.to_list() |> Enum.take(state.most)

    if batch == [],
      do: {:noreply, answer(state)},
      else: {:noreply, sent(state, batch, Request.post(state.server, body(batch)))}
  end

  def handle_info(_other, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, _state) do
    :persistent_term.erase({__MODULE__, :counters})
  end

  defp sent(state, batch, {:accepted, rejected}) do
    count(:rejected, rejected)
    count(:acked, length(batch) - rejected)
    state = warn(state, rejected > 0 and "the server refuses #{rejected} events")
    go_on(%{forget(state, batch) | backoff_ms: @first_backoff_ms, most: @max_batch})
  end

  # One of the events is too large; sending them one at a time shows which.
  defp sent(state, [_, _ | _], {:refused, 413}), do: wake(%{state | most: 1}, 0)

  defp sent(state, batch, {:refused, status}) do
    count(:rejected, length(batch))
    go_on(warn(forget(state, batch), "the server refuses events (#{status})"))
  end

  defp sent(state, _batch, {:again, wait_ms}) do
    state = %{state | backoff_ms: min(state.backoff_ms * 2, @longest_backoff_ms)}
    wake(state, max(wait_ms, div(state.backoff_ms, 2) + :rand.uniform(div(state.backoff_ms, 2))))
  end

  defp go_on(state), do: if(:queue.is_empty(state.events), do: answer(state), else: wake(state, 0))

  defp answer(state) do
    Enum.each(state.flushing, &GenServer.reply(&1, :ok))
    %{state | flushing: []}
  end

  defp forget(state, batch) do
    :counters.sub(counters(), @counters.pending, length(batch))
    {_gone, events} = :queue.split(length(batch), state.events)
    %{state | events: events}
  end

  # One timer at a time: a new event must not shorten the wait that the server requested.
  defp wake(%{timer: nil} = state, ms), do: %{state | timer: Process.send_after(self(), :send, ms)}
  defp wake(state, _ms), do: state

  defp cancel(%{timer: nil} = state), do: state

  defp cancel(state) do
    Process.cancel_timer(state.timer)
    %{state | timer: nil}
  end

  defp warn(%{warned: false} = state, message) when is_binary(message) do
    # A level that the handler does not capture.
    require Logger
    Logger.warning("selfheal: #{message}")
    %{state | warned: true}
  end

  defp warn(state, _message), do: state

  defp body(batch), do: batch |> Json.encode() |> IO.iodata_to_binary()

  defp count(name, by), do: :counters.add(counters(), Map.fetch!(@counters, name), by)

  defp counters, do: :persistent_term.get({__MODULE__, :counters}, nil)
end
