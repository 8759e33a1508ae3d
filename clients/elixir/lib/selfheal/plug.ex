defmodule Selfheal.Plug do
  @moduledoc """
  Captures exceptions of a plug or router together with the request, and raises them again:

      defmodule Shop.Router do
        use Plug.Router
        use Selfheal.Plug

  It does not need Plug at compile time: it wraps `call/2`, and reads `method`, `request_path`, `query_string` and
  `req_headers` of the connection.
  """

  @private ~w(auth cookie token secret session key csrf xsrf x-forwarded x-real-ip)

  defmacro __using__(_options) do
    quote do
      @before_compile Selfheal.Plug
    end
  end

  defmacro __before_compile__(_env) do
    quote do
      defoverridable call: 2

      def call(conn, options) do
        super(conn, options)
      rescue
        error ->
          # Plug wraps an exception together with its stack.
          {raised, stacktrace} = Selfheal.Plug.unwrap(error, __STACKTRACE__)
          if Selfheal.Plug.crash?(raised), do: Selfheal.Plug.capture(conn, raised, stacktrace)
          reraise error, __STACKTRACE__
      end
    end
  end

  @doc false
  def unwrap(%{reason: %_{__exception__: true} = reason, stack: stack, conn: _}, _stacktrace), do: {reason, stack}
  def unwrap(error, stacktrace), do: {error, stacktrace}

  # An exception that Plug answers with a status below 500 (not found, bad request) is not a crash.
  @doc false
  def crash?(error), do: Map.get(error, :plug_status, 500) >= 500

  @doc false
  def capture(conn, error, stacktrace),
    do: Selfheal.capture(error, stacktrace, handled: false, request: request(conn), tags: %{"logger" => "plug"})

  @doc "The parts of a request that a reproduction needs, without cookies and credentials."
  @spec request(map()) :: map()
  def request(conn) do
    query = Map.get(conn, :query_string, "")
    path = Map.get(conn, :request_path, "")

    %{
      "method" => to_string(Map.get(conn, :method, "GET")),
      "url" => if(query == "", do: path, else: path <> "?" <> query),
      "headers" => conn |> Map.get(:req_headers, []) |> Enum.reject(&private?/1) |> Map.new()
    }
  end

  defp private?({name, _value}), do: String.contains?(String.downcase(name), @private)
end
