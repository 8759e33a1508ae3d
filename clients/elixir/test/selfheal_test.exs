Code.require_file("server.exs", __DIR__)

defmodule SelfhealTest do
  use ExUnit.Case, async: false

  alias Selfheal.{Event, Json, TestServer}

  @accepted {202, [], ~s({"accepted":1,"ids":["x"]})}

  defmodule Cart do
    use GenServer
    def start(items), do: GenServer.start(__MODULE__, items)
    @impl true
    def init(items), do: {:ok, items}
    @impl true
    def handle_call({:total, secret}, _from, items), do: {:reply, price(items, secret), items}
    defp price(%{cents: cents}, _secret), do: cents
  end

  # The application with the settings of one test; it is restarted, as a release would start it.
  defp restart(url, more \\ []) do
    Application.stop(:selfheal)
    for {key, _} <- Application.get_all_env(:selfheal), do: Application.delete_env(:selfheal, key)
    settings = [url: url, key: "server-key-0001", service: "shop", release: "abc1234"] ++ more
    Application.put_all_env(selfheal: settings)
    :ok = Application.start(:selfheal)
  end

  setup do
    level = Logger.level()
    # The crashes below are meant; the console need not tell them.
    Logger.remove_backend(:console)
    on_exit(fn -> Logger.add_backend(:console) && Logger.configure(level: level) end)
  end

  defp received do
    assert_receive {:request, "/v1/events", text}, 5_000
    text
  end

  test "a GenServer that crashes is one event, with its stack and without its arguments" do
    restart(TestServer.start([@accepted]))
    {:ok, cart} = Cart.start(%{broken: true})
    assert {{:function_clause, _}, _} = catch_exit(GenServer.call(cart, {:total, "4111-1111-1111-1111"}))
    text = received()
    assert text =~ ~s("type":"FunctionClauseError")
    assert text =~ ~s("function":"SelfhealTest.Cart.price/2")
    assert text =~ ~s("file":"test/selfheal_test.exs")
    assert text =~ ~s("handled":false)
    refute text =~ "4111"
    assert Selfheal.flush() == :ok
    assert %{acked: 1, pending: 0, dropped: 0, rejected: 0} = Selfheal.stats()
    refute_received {:request, _, _}
  end

  test "Tasks and plain processes that crash are captured; what is stopped on purpose is not" do
    restart(TestServer.start(List.duplicate(@accepted, 3)))
    Task.Supervisor.start_link(name: SelfhealTest.Tasks)
    Task.Supervisor.start_child(SelfhealTest.Tasks, fn -> raise ArgumentError, "no such voucher" end)
    assert received() =~ ~s("type":"ArgumentError","value":"no such voucher")
    spawn(fn -> String.to_integer(Enum.join(["x", 1])) end)
    assert received() =~ ~s("type":"ArgumentError")
    spawn(fn -> exit(:shutdown) end)
    {:ok, cart} = Cart.start(%{cents: 1})
    GenServer.stop(cart, :shutdown)
    spawn(fn -> throw(:lost) end)
    text = received()
    assert text =~ ~s("type":"throw")
    refute text =~ "shutdown"
  end

  test "an event waits for a server that is not there yet, is sent again, and what is over the bound is counted" do
    restart(TestServer.start([{429, [{"Retry-After", "0"}], ""}, @accepted, @accepted]), max_pending: 2)
    for n <- 1..3, do: Selfheal.capture(%RuntimeError{message: "n#{n}"}, [])
    assert received() =~ "n1"
    assert Selfheal.flush(5_000) == :ok
    assert %{acked: 2, dropped: 1, pending: 0} = Selfheal.stats()
  end

  test "an event that is too large is given up alone, and a key that is refused is said once" do
    small = {202, [], ~s({"accepted":1,"ids":["x"]})}
    restart(TestServer.start([{413, [], ""}, small, {413, [], ""}, {413, [], ""}, small, {401, [], ""}]))
    # Taken together: the queue is asked to send only when all three are in it.
    :sys.suspend(Selfheal.Queue)
    for text <- ["one", "large", "two"], do: Selfheal.capture(%RuntimeError{message: text}, [])
    :sys.resume(Selfheal.Queue)
    assert Selfheal.flush(5_000) == :ok
    assert %{acked: 2, rejected: 1} = Selfheal.stats()
    assert Selfheal.capture(%RuntimeError{message: "three"}, []) =~ ~r/^[0-9a-f]{32}$/
    assert Selfheal.flush(5_000) == :ok
    assert %{rejected: 2} = Selfheal.stats()
  end

  test "a router's crash is captured with its request and raised again; a not found is not captured" do
    defmodule Router do
      def call(%{request_path: "/gone"}, _),
        do: raise(%{__struct__: SelfhealTest.Gone, __exception__: true, plug_status: 404})

      def call(conn, _), do: Map.fetch!(conn, :basket)
      use Selfheal.Plug
    end

    restart(TestServer.start([@accepted]))
    headers = [{"cookie", "a=b"}, {"authorization", "Bearer x"}, {"accept", "text/html"}]
    conn = %{method: "POST", request_path: "/cart", query_string: "id=5", req_headers: headers}
    assert_raise KeyError, fn -> Router.call(conn, []) end
    text = received()
    assert text =~ ~s("url":"/cart?id=5")
    assert text =~ ~s("accept":"text/html")
    refute text =~ "Bearer"
    refute text =~ "a=b"
    assert text =~ ~s("value":"key :basket not found in: map with 4 keys")
    assert text =~ ~s("function":"SelfhealTest.Router.call/2","in_app":true)
    assert catch_error(Router.call(%{conn | request_path: "/gone"}, [])).plug_status == 404
    assert Selfheal.flush() == :ok
    assert %{acked: 1, pending: 0} = Selfheal.stats()
  end

  test "never raises into the application" do
    restart("http://127.0.0.1:9")

    for thrown <- [nil, 5, {:error, make_ref()}, {:exit, self()}, %{}],
        do: assert(is_binary(Selfheal.capture(thrown, [])))

    assert Selfheal.capture(%RuntimeError{message: "x"}, [:nonsense]) == ""
    Application.stop(:selfheal)
    assert Selfheal.capture(%RuntimeError{message: "off"}, []) == ""
    assert Selfheal.flush(10) == :timeout
  end

  test "JSON is what a strict reader reads" do
    text = "a\"\\" <> <<10, 0x1F600::utf8, 1>>
    written = "\"a\\\"\\\\\\u000A" <> <<0x1F600::utf8>> <> "\\u0001\""
    assert IO.iodata_to_binary(Json.encode(text)) == written
    mixed = IO.iodata_to_binary(Json.encode([nil, true, 1, 1.5, :a, %{"k" => [self()]}]))
    assert mixed =~ ~r/^\[null,true,1,1.5,"a",\{"k":\["#PID<.*>"\]\}\]$/
    assert IO.iodata_to_binary(Json.encode(<<255, 1>>)) == "\"<<255, 1>>\""
  end

  test "frames of the language are not the application's own" do
    assert [%{"in_app" => false}] = Event.frames([{:erlang, :map_get, 2, [error_info: %{}]}])
    frames = Event.frames([{String, :to_integer, ["x"], [file: 'lib/string.ex', line: 9]}, {Cart, :price, 2, []}])
    assert [%{"function" => "String.to_integer/1", "in_app" => false, "line" => 9}, %{"in_app" => true}] = frames
  end
end
