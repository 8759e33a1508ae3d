defmodule Selfheal.Handler do
  @moduledoc """
  A handler of Erlang's `:logger`. It turns crash reports of GenServers, Tasks, `proc_lib` processes and plain processes
  into events. It runs in the process that logs, so it only reads the report and queues the event.
  """

  alias Selfheal.Queue

  @doc false
  def log(%{msg: message, meta: meta}, _config) do
    with {:ok, {thrown, stacktrace}, about} <- crash(message, meta),
         false <- intended?(thrown),
         # Both the behaviour and proc_lib report the same crash of a process; it is one exception.
         true <- Queue.first_report?(meta[:pid]) do
      Selfheal.capture(thrown, stacktrace, handled: false, tags: %{"logger" => about})
    end

    :ok
  rescue
    # :logger removes a handler that raises, and then nothing more would be captured.
    _ -> :ok
  end

  # Elixir's translator has already parsed the report (Elixir 1.15 and newer).
  defp crash(message, %{crash_reason: {reason, stacktrace}}) when is_list(stacktrace),
    do: {:ok, thrown(reason, stacktrace), label(message)}

  defp crash({:report, %{label: {_, :terminate} = label, reason: {kind, reason, stacktrace}}}, _meta)
       when kind in [:error, :exit, :throw] and is_list(stacktrace),
       do: {:ok, thrown({kind, reason}, stacktrace), words(label)}

  defp crash({:report, %{label: {_, :terminate} = label, reason: reason}}, _meta), do: read(reason, label)

  defp crash({:report, %{label: {Task.Supervisor, :terminating} = label, report: %{reason: reason}}}, _),
    do: read(reason, label)

  defp crash({:report, %{label: {:proc_lib, :crash} = label, report: [info | _]}}, _meta) when is_list(info) do
    case List.keyfind(info, :error_info, 0) do
      {:error_info, {kind, reason, stacktrace}} when is_list(stacktrace) ->
        {:ok, thrown({kind, reason}, stacktrace), words(label)}

      _ ->
        :none
    end
  end

  # A plain process. The emulator reports it as "Error in process ~p with exit value".
  defp crash({format, arguments}, %{error_logger: %{emulator: true}}) when is_list(format) and is_list(arguments),
    do: read(List.last(arguments), {:process, :crash})

  defp crash(_message, _meta), do: :none

  defp read({reason, stacktrace}, label) when is_list(stacktrace) do
    if Enum.all?(stacktrace, &frame?/1),
      do: {:ok, thrown(reason, stacktrace), words(label)},
      else: {:ok, {{:exit, {reason, stacktrace}}, []}, words(label)}
  end

  defp read(reason, label), do: {:ok, {{:exit, reason}, []}, words(label)}

  defp thrown({kind, reason}, stacktrace) when kind in [:error, :exit, :throw], do: {{kind, reason}, stacktrace}
  defp thrown({:nocatch, reason}, stacktrace), do: {{:throw, reason}, stacktrace}
  defp thrown(%_{__exception__: true} = error, stacktrace), do: {error, stacktrace}
  # With a stack the reason is an Erlang error (`badarg`, `{:badmatch, …}`); without one it is an exit reason.
  defp thrown(reason, []), do: {{:exit, reason}, []}
  defp thrown(reason, stacktrace), do: {{:error, reason}, stacktrace}

  defp frame?({module, function, _arity, place}), do: is_atom(module) and is_atom(function) and is_list(place)
  defp frame?(_), do: false

  # Exit reasons of processes that were stopped on purpose.
  defp intended?({:exit, reason}), do: reason in [:normal, :shutdown, :killed] or match?({:shutdown, _}, reason)
  defp intended?(_thrown), do: false

  defp label({:report, %{label: label}}), do: words(label)
  defp label(_message), do: "process"

  defp words({what, how}), do: "#{inspect(what)} #{how}"
end
