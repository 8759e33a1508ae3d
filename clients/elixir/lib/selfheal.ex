defmodule Selfheal do
  @moduledoc """
  Sends the exceptions of an application to selfheal.

      config :selfheal,
        url: "https://selfheal.example.com",
        key: System.get_env("SELFHEAL_KEY"),
        service: "shop",
        release: System.get_env("GIT_SHA")

  Crashes of processes, GenServers and Tasks are captured automatically. The client never raises into the application,
  and a process that logs never waits for the network.
  """

  alias Selfheal.{Event, Queue}

  @doc """
  Captures an exception, or a term with its kind. Returns the event's id, or "" when the client is off or its queue is
  full.

  Options: `:handled` (default true), `:level`, `:tags`, `:extra`, `:request` (see `Selfheal.Plug`).

      try do
        Shop.checkout(cart)
      rescue
        error -> Selfheal.capture(error, __STACKTRACE__, tags: %{"step" => "checkout"})
      end
  """
  @spec capture(Exception.t() | {:exit | :throw | :error, term()}, Exception.stacktrace(), keyword()) :: String.t()
  def capture(thrown, stacktrace, options \\ []) do
    event = Event.build(thrown, stacktrace, options)
    if Queue.push(event), do: event["event_id"], else: ""
  rescue
    # A failure to report must not make the application fail.
    _ -> ""
  end

  @doc "Waits until all events are durable on the server. Returns `:ok`, or `:timeout` after `timeout_ms`."
  @spec flush(timeout()) :: :ok | :timeout
  def flush(timeout_ms \\ 2_000), do: Queue.flush(timeout_ms)

  @doc """
  Counters of events: waiting (`pending`), durable on the server (`acked`), dropped because the queue was full
  (`dropped`), and refused by the server (`rejected`).
  """
  @spec stats() :: %{
          pending: non_neg_integer(),
          acked: non_neg_integer(),
          dropped: non_neg_integer(),
          rejected: non_neg_integer()
        }
  def stats, do: Queue.stats()
end
