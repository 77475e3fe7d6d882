import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.URL;

class Fetch {
    public static void main(String[] arguments) throws Exception {
        System.out.println(new URL(arguments[0]).openStream().readAllBytes().length);
        var request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray()).body().length);
    }
}
