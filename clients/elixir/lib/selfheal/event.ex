defmodule Selfheal.Event do
  @moduledoc """
  Builds events in the native wire format, with a structured stack. It never includes the arguments of a call, because
  they contain what users typed and prevent grouping.
  """

  @max_value 8_192
  @max_frames 100

  # OTP applications of the language and of common libraries: their frames are never `in_app`.
  @libraries ~w(elixir stdlib kernel erts compiler logger mix ex_unit eex iex inets ssl crypto plug plug_cowboy cowboy
    bandit thousand_island ranch phoenix phoenix_live_view phoenix_html ecto ecto_sql db_connection postgrex jason
    telemetry absinthe oban broadway gen_stage tesla finch mint req selfheal)a

  @doc "Builds the event of an exception, or of a term with its kind. `options`: see `Selfheal.capture/3`."
  @spec build(Exception.t() | {:exit | :throw | :error, term()}, Exception.stacktrace(), keyword()) :: map()
  def build(thrown, stacktrace, options) do
    settings = Application.get_all_env(:selfheal)
    handled = Keyword.get(options, :handled, true)

    %{
      "event_id" => :crypto.strong_rand_bytes(16) |> Base.encode16(case: :lower),
      "timestamp" => DateTime.utc_now() |> DateTime.to_iso8601(),
      "platform" => "elixir",
      "level" => Keyword.get(options, :level, if(handled, do: "error", else: "fatal")),
      "handled" => handled,
      "service" => settings[:service],
      "release" => settings[:release],
      "environment" => settings[:environment],
      "exception" => exception(thrown, stacktrace),
      "request" => options[:request],
      "tags" => Map.merge(Map.new(settings[:tags] || %{}), Map.new(options[:tags] || %{})),
      "extra" => Map.new(options[:extra] || %{})
    }
  end

  defp exception({:error, reason}, stacktrace),
    do: exception(Exception.normalize(:error, reason, stacktrace), stacktrace)

  defp exception({kind, reason}, stacktrace) when kind in [:exit, :throw],
    do: %{"type" => Atom.to_string(kind), "value" => cut(shape(reason)), "frames" => frames(stacktrace)}

  defp exception(%module{} = error, stacktrace),
    do: %{"type" => inspect(module), "value" => cut(message(error)), "frames" => frames(stacktrace)}

  # The messages of these exceptions contain the whole term, with what users typed, and so differ each time.
  defp message(%KeyError{key: key, term: term, message: nil}), do: "key #{shape(key)} not found in: #{shape(term)}"
  defp message(%MatchError{term: term}), do: "no match of right hand side value: #{shape(term)}"
  defp message(%CaseClauseError{term: term}), do: "no case clause matching: #{shape(term)}"
  defp message(%WithClauseError{term: term}), do: "no with clause matching: #{shape(term)}"
  defp message(%TryClauseError{term: term}), do: "no try clause matching: #{shape(term)}"
  defp message(%BadMapError{term: term}), do: "expected a map, got: #{shape(term)}"
  defp message(%BadBooleanError{term: term}), do: "expected a boolean, got: #{shape(term)}"

  defp message(%BadStructError{struct: struct, term: term}),
    do: "expected a struct named #{inspect(struct)}, got: #{shape(term)}"

  defp message(%BadFunctionError{term: term}), do: "expected a function, got: #{shape(term)}"

  defp message(%Protocol.UndefinedError{protocol: protocol, value: value}),
    do: "protocol #{inspect(protocol)} not implemented for #{shape(value)}"

  defp message(%ErlangError{original: term}), do: "Erlang error: #{shape(term)}"
  defp message(error), do: Exception.message(error)

  @doc "The frames of a stack, newest first. Each has the arity of its function instead of the arguments."
  @spec frames(Exception.stacktrace()) :: [map()]
  def frames(stacktrace) do
    stacktrace
    |> Enum.take(@max_frames)
    |> Enum.map(fn
      {module, function, arguments, place} -> frame(module, function, arity(arguments), place)
      {function, arguments, place} -> frame(nil, function, arity(arguments), place)
    end)
  end

  defp frame(module, function, arity, place) do
    %{
      "file" => place |> Keyword.get(:file, "") |> to_string(),
      "line" => Keyword.get(place, :line),
      "function" => name(module, function, arity),
      "in_app" => module != nil and own?(module, Application.get_application(module))
    }
  end

  # Preloaded modules of Erlang and modules of a script belong to no OTP application.
  defp own?(module, nil), do: String.starts_with?(Atom.to_string(module), "Elixir.")
  defp own?(_module, application), do: application not in @libraries

  defp name(nil, function, arity) when is_function(function), do: "anonymous fn/#{arity}"

  defp name(module, function, arity),
    do: module |> Exception.format_mfa(function, arity) |> String.replace(~r/"(.{1,200}) \(overridable \d+\)"/, "\\1")

  defp arity(arguments) when is_list(arguments), do: length(arguments)
  defp arity(arity), do: arity

  # A thrown term may contain what users typed, so only its shape is reported.
  defp shape(reason) when is_atom(reason), do: inspect(reason)

  defp shape(reason) when is_tuple(reason),
    do: "{" <> (reason |> Tuple.to_list() |> Enum.map_join(", ", &shape/1)) <> "}"

  defp shape(%module{}), do: "%#{inspect(module)}{}"
  defp shape(reason) when is_map(reason), do: "map with #{map_size(reason)} keys"
  defp shape(reason) when is_list(reason), do: "list"
  defp shape(reason) when is_binary(reason), do: "text of #{byte_size(reason)} bytes"
  defp shape(reason) when is_number(reason), do: "number"
  defp shape(reason) when is_function(reason), do: "function"
  defp shape(_reason), do: "term"

  defp cut(text), do: String.slice(text, 0, @max_value)
end
