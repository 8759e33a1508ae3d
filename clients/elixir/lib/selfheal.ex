defmodule Selfheal do
  @moduledoc """
  Sends the exceptions of an application to selfheal.

      config :selfheal,
        url: "https://selfheal.example.com",
        key: System.get_env("SELFHEAL_KEY"),
        service: "shop",
        release: System.get_env("GIT_SHA")

  Crashes of processes, GenServers and Tasks are captured by themselves. Nothing here raises into the application, and
  nobody who logs waits for the network.
  """

  alias Selfheal.{Event, Queue}

  @doc """
  Captures an exception, or a term with its kind. Returns the event's id, or "" when the client is off or full.

  Options: `:handled` (default true), `:level`, `:tags`, `:extra`, `:request` (see `Selfheal.Plug`).
  """
  @spec capture(Exception.t() | {:exit | :throw | :error, term()}, Exception.stacktrace(), keyword()) :: String.t()
  def capture(thrown, stacktrace, options \\ []) do
    event = Event.build(thrown, stacktrace, options)
    if Queue.push(event), do: event["event_id"], else: ""
  rescue
    # An application must not fail because its failure could not be reported.
    _ -> ""
  end

  @doc "Resolves to `:ok` once everything is durable on the server, to `:timeout` after the time."
  @spec flush(timeout()) :: :ok | :timeout
  def flush(timeout_ms \\ 2_000), do: Queue.flush(timeout_ms)

  @doc "What waits, was acknowledged by the server, was dropped because too much waited, or was refused."
  @spec stats() :: %{
          pending: non_neg_integer(),
          acked: non_neg_integer(),
          dropped: non_neg_integer(),
          rejected: non_neg_integer()
        }
  def stats, do: Queue.stats()
end
