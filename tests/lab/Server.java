// A server of Java's own TLS, with two suites of TLS 1.2 and one of TLS 1.3: Server PORT KEYSTORE [VERSION...].
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

class Server {
    static void serve(SSLSocket taken) {
        try (taken) {
            taken.startHandshake();
            while (taken.getInputStream().read() >= 0)
                continue;
        } catch (IOException refused) {
            // The next one.
        }
    }

    public static void main(String[] arguments) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(arguments[1])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(Integer.parseInt(arguments[0]), 64, InetAddress.getByName("127.0.0.1"));
        listener.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
        if (arguments.length > 2)
            listener.setEnabledProtocols(Arrays.copyOfRange(arguments, 2, arguments.length));
        while (true) {
            SSLSocket taken = (SSLSocket) listener.accept();
            new Thread(() -> serve(taken)).start();
        }
    }
}
